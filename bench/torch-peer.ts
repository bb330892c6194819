/** The PyTorch peer: a child process that times blocks of steps on request. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Contender } from "./contender.ts";

const headerSchema = z.object({
  torch: z.string(),
  threads: z.number(),
  blas: z.object({
    libraries: z.array(z.string()),
    openblasCore: z.string().nullable(),
    unfair: z.array(z.string()),
  }),
});
const blockSchema = z.object({ ms: z.array(z.number()) });

export interface TorchPeer {
  readonly header: z.infer<typeof headerSchema>;
  workload(workload: string, name: string): Contender;
  close(): Promise<void>;
}

/** Kernels to try, best first, where OpenBLAS does not know the processor and would use its SSE ones. */
const FAIR_CORES = ["SkylakeX", "Haswell"];

/**
 * Starts PyTorch, on the fastest BLAS kernels that the processor runs.
 *
 * @returns null when there is no Python with PyTorch
 */
export async function startTorchPeer(threads: number): Promise<TorchPeer | null> {
  // Debian's own Python comes first: it is the one that has Debian's python3-torch.
  for (const python of ["/usr/bin/python3", "python3"].filter((p) => p === "python3" || existsSync(p))) {
    const peer = await start(python, threads);
    if (!peer) continue;
    for (const core of peer.header.blas.unfair.some((r) => r.includes("kernels")) ? FAIR_CORES : []) {
      const fair = await start(python, threads, core);
      if (fair && fair.header.blas.unfair.length === 0) {
        await peer.close();
        return fair;
      }
      await fair?.close();
    }
    return peer;
  }
  return null;
}

async function start(python: string, threads: number, core?: string): Promise<TorchPeer | null> {
  const script = fileURLToPath(new URL("peers/lenet_torch.py", import.meta.url));
  const child = spawn(python, [script, "--threads", String(threads)], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, PEER_OPENBLAS_CORE: core ?? "" },
  });
  const exited = once(child, "exit").catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return null;
  const header = headerSchema.parse(JSON.parse(first.value));
  const ask = async (command: string): Promise<number[]> => {
    child.stdin.write(`${command}\n`);
    const line = await lines.next();
    if (line.done) throw new Error("The PyTorch peer stopped.");
    return blockSchema.parse(JSON.parse(line.value)).ms;
  };
  const close = async () => {
    child.stdin.end("quit\n");
    await exited;
  };
  return {
    header,
    workload: (workload, name) => ({
      name,
      run: (steps) => ask(`${workload} ${steps}`),
      close: async () => {},
    }),
    close,
  };
}
