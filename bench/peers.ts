/** Who takes part, and how each is started. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Peer, startPeer } from "./peer.ts";

export type PeerName = "alignreg" | "torch" | "tensorflow" | "jax-js" | "tfjs";

/** What is printed for a peer that is not there. */
const absences: Readonly<Record<PeerName, string>> = {
  alignreg: "our own process did not start",
  torch: "no Python with torch here (Debian: python3-torch libopenblas0-pthread)",
  tensorflow: "no Python with tensorflow here (pip install tensorflow)",
  "jax-js": "@jax-js/jax is not installed (npm install --save-dev @jax-js/jax)",
  tfjs: "@tensorflow/tfjs is not installed (npm install --save-dev @tensorflow/tfjs)",
};

const script = (name: string) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

/** Peers of a run: each is started when it is first asked for. */
export class Peers {
  readonly #threads: number;
  readonly #started = new Map<PeerName, Peer | { unavailable: string }>();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** The peer's process, or why there is none; the first call starts it. */
  async get(name: PeerName): Promise<Peer | { unavailable: string }> {
    const known = this.#started.get(name) ?? (await this.fresh(name));
    this.#started.set(name, known);
    return known;
  }

  /** A process of its own for one measurement; whoever asks closes it. */
  async fresh(name: PeerName): Promise<Peer | { unavailable: string }> {
    return (await this.#start(name)) ?? { unavailable: absences[name] };
  }

  async close(): Promise<void> {
    for (const peer of this.#started.values()) if ("close" in peer) await peer.close();
    this.#started.clear();
  }

  async #start(name: PeerName): Promise<Peer | { unavailable: string } | null> {
    const threads = ["--threads", String(this.#threads)];
    if (name === "torch") return startTorch(threads);
    if (name === "tensorflow")
      return onPython((python) => startPeer([python, script("tensorflow_peer.py"), ...threads]));
    return startPeer([process.execPath, "--import", "tsx", script(`${name}.ts`), ...threads]);
  }
}

/** Debian's own Python comes first: it is the one that has Debian's python3-torch. */
async function onPython<T>(start: (python: string) => Promise<T | null>): Promise<T | null> {
  for (const python of ["/usr/bin/python3", "python3"].filter((p) => p === "python3" || existsSync(p))) {
    const started = await start(python);
    if (started) return started;
  }
  return null;
}

/** Kernels to try, best first, where OpenBLAS does not know the processor and would use its SSE ones. */
const FAIR_CORES = ["SkylakeX", "Haswell"];

/** PyTorch, on the fastest BLAS kernels that the processor runs. */
const startTorch = (threads: readonly string[]) =>
  onPython(async (python) => {
    const start = (core: string) =>
      startPeer([python, script("torch_peer.py"), ...threads], { PEER_OPENBLAS_CORE: core });
    const peer = await start("");
    if (!peer || "unavailable" in peer) return peer;
    const unfair = (candidate: Peer) => candidate.header.blas?.unfair ?? [];
    for (const core of unfair(peer).some((reason) => reason.includes("kernels")) ? FAIR_CORES : []) {
      const fair = await start(core);
      if (!fair || "unavailable" in fair) continue;
      if (unfair(fair).length === 0) {
        await peer.close();
        return fair;
      }
      await fair.close();
    }
    return peer;
  });

/** One line that says which peer takes part, and how fairly. */
export function describePeer(name: PeerName, peer: Peer | { unavailable: string }): string {
  if ("unavailable" in peer) return `${name}: skipped, ${peer.unavailable}.`;
  const { versions, blas } = peer.header;
  if (!blas) return `${name}: ${versions}.`;
  const unfair = blas.unfair.length > 0 ? ` UNFAIR to it: ${blas.unfair.join("; ")}.` : "";
  return `${name}: ${versions}, ${blas.libraries.join(" + ")}, ${blas.openblasCore ?? "no OpenBLAS"} kernels.${unfair}`;
}
