/** A contender's process: started once, asked for a block of steps at a time. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { type Block, type Request, blockSchema } from "./job.ts";

/** The first line: an introduction, or why this peer cannot take part. */
const headerSchema = z.union([
  z.object({ unavailable: z.string() }),
  z.looseObject({
    versions: z.string(),
    blas: z
      .object({
        libraries: z.array(z.string()),
        openblasCore: z.string().nullable(),
        unfair: z.array(z.string()),
      })
      .optional(),
  }),
]);
const answerSchema = z.union([z.object({ error: z.string() }), blockSchema]);

export type Header = Exclude<z.infer<typeof headerSchema>, { unavailable: string }>;

export interface Peer {
  readonly header: Header;
  /** @returns why the job cannot be done here, or what it took */
  run(request: Request): Promise<Block | { error: string }>;
  close(): Promise<void>;
}

/** The last of what a process wrote to standard error, for the message when it dies. */
const KEPT_ERROR = 4000;

/**
 * Starts a contender.
 *
 * @param command  the program and its arguments
 * @returns what it says is missing when it is not `available`; null when it does not start at all
 */
export async function startPeer(
  [program, ...rest]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<Peer | { unavailable: string } | null> {
  const child = spawn(program, rest, { stdio: "pipe", env: { ...process.env, ...env } });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-KEPT_ERROR)));
  // Its end is seen on its standard output; writing to what has ended is no second failure.
  child.stdin.on("error", () => undefined);
  const exited = once(child, "close").catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return null;
  const header = headerSchema.parse(JSON.parse(first.value));
  if ("unavailable" in header) {
    await end(child, exited);
    return { unavailable: z.string().parse(header.unavailable) };
  }
  return {
    header,
    async run(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`${header.versions} stopped. It last wrote:\n${errors}`);
      return answerSchema.parse(JSON.parse(line.value));
    },
    close: () => end(child, exited),
  };
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  await exited;
}
