/** Options that several functions have in common. */
import { callback, choice, isRecord, string, tested, whole } from "../../options/index.ts";
import { normalizationOptions } from "../../models/index.ts";
import type { Transforms } from "../../augment/index.ts";
import type { ExecutionProvider } from "../../runtime/index.ts";
import type { OnNote } from "../../tensor/index.ts";

export const executionProviders = ["cpu", "webgpu", "cuda"] as const satisfies ExecutionProvider[];

/** Where a model runs. */
export const runtimeRows = {
  executionProvider: choice(executionProviders, {
    description: "execution provider of ONNX Runtime",
    default: "cpu",
    flag: "--provider <name>",
    alias: ["device", "backend"],
  }),
  threads: whole(
    {
      description: "threads inside an operator; 0 takes one per physical core. Equal counts give equal bits",
      default: 0,
      flag: "--threads <n>",
      alias: ["numThreads", "jobs"],
    },
    0,
  ),
};

/** How an ONNX file is read. */
export const fileRows = {
  output: string({
    description: "tensor that holds the logits",
    otherwise: "the first output; where that is a softmax, what goes into it",
    flag: "--output <tensor>",
    alias: ["logits"],
  }),
  ...normalizationOptions,
};

/** How a run is stopped, and what it says. */
export const callRows = {
  signal: tested<AbortSignal>(isSignal, "an AbortSignal", {
    description: "stops the run; the function then throws the signal's reason",
    alias: ["abort", "abortSignal", "controller"],
    advice: (value) => (isRecord(value) && isSignal(value.signal) ? "Give its member signal." : undefined),
  }),
  onNote: callback<OnNote>({
    description: "called with each note as soon as it is known",
    otherwise: "a line on stderr",
  }),
  command: tested<string>((value) => typeof value === "string", "a string", {
    description: "the command line, for the manifest",
    otherwise: '"library"',
  }),
};

/** What `familyOf` takes; it says what is wrong with any other value. */
export const transformsRow = (description: string) =>
  tested<Transforms>((value) => value !== null, "a family of transforms, or a specification of one", {
    description,
    otherwise: "rotation()",
    flag: "--transforms <spec>",
    alias: ["family", "families", "transform", "augmentations", "shifts", "views"],
  });

function isSignal(value: unknown): value is AbortSignal {
  return isRecord(value) && typeof value.aborted === "boolean" && typeof value.throwIfAborted === "function";
}
