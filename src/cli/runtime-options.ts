import { type Command, Option } from "commander";
import type { ExecutionProvider } from "../runtime/index.ts";
import { wholeNumber } from "./parse-number.ts";

/** The options that say where models run. */
export interface RuntimeFlags {
  readonly threads: number;
  readonly provider: ExecutionProvider;
}

const providers = ["cpu", "webgpu", "cuda"] satisfies ExecutionProvider[];

export const addRuntimeOptions = (command: Command): Command =>
  command
    .option(
      "--threads <n>",
      "threads inside an operator; 0 takes one per physical core. Equal counts give equal bits",
      wholeNumber(0),
      0,
    )
    .addOption(
      new Option("--provider <name>", "execution provider of ONNX Runtime").choices(providers).default("cpu"),
    );
