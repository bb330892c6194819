/** Vite as a person starts it, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

function vite(args: readonly string[]): { child: ChildProcess; output: () => string } {
  const script = join(root, "node_modules/vite/bin/vite.js");
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "", NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return { child, output: () => output };
}

/** Runs a command of Vite to its end. @throws Error with what it printed, unless it ends well */
export async function runVite(...args: readonly string[]): Promise<void> {
  const { child, output } = vite(args);
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`vite ${args.join(" ")} ended with code ${code}:\n${output()}`);
}

export interface Serving {
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server of Vite; resolves when it says where it is. */
export async function serveVite(...args: readonly string[]): Promise<Serving> {
  const { child, output } = vite([...args, "--host", "127.0.0.1", "--port", "0"]);
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", () => {
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output());
      if (found) resolve(found[0]);
    });
    void closed.then(() => reject(new Error(`vite ${args.join(" ")} ended:\n${output()}`)));
  });
  return {
    url,
    close: () => {
      child.kill();
      return closed;
    },
  };
}
