/** Runs command lines that it is sent, as cli-worker.ts asks. */
import { run } from "../../src/cli/program.ts";

export interface CliEnd {
  readonly code: number;
  readonly stderr: string;
}

let stderr = "";
process.stderr.write = (chunk: unknown) => {
  stderr += String(chunk);
  return true;
};
process.on("message", (args: string[]) => {
  stderr = "";
  void run(args).then((code) => process.send!({ code, stderr } satisfies CliEnd));
});
