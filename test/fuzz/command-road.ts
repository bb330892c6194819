/** The command line in this process, as its own process would run it. */
import { exitCodes } from "../../src/cli/errors.ts";
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
    const code = await stage(walk, "parse", () => run(args));
    if (code === exitCodes.usage) walk.parse = "usage";
    else walk.run = code === 0 ? "result" : `exit ${code}`;
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
  const bug = said.indexOf("this is a bug in alignreg");
  if (bug >= 0) throw new Error(said.slice(bug));
}
