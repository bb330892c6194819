/** The command line in this process, as its own process would run it. */
import { run } from "../../src/cli/program.ts";
import { type Walk, stage } from "./road.ts";

/** @throws what the command reports as a bug of ours */
export async function commandRoad(walk: Walk, args: readonly string[]): Promise<void> {
  let said = "";
  const [out, err] = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)];
  /** A stream that takes everything at once. */
  const write = (text: unknown, ...more: readonly unknown[]): true => {
    said += String(text);
    const written = more.find((each) => typeof each === "function");
    if (written) queueMicrotask(written as () => void);
    return true;
  };
  process.stdout.write = process.stderr.write = write;
  try {
    const code = await stage(walk, "run", () => run(args));
    if (code !== 0) walk.run = `exit ${code}`;
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
  const bug = said.indexOf("this is a bug in alignreg");
  if (bug >= 0) throw new Error(said.slice(bug));
}
