/** Options that several functions have in common. */
import { callback, choice, isRecord, number, string, tested, whole } from "../../options/index.ts";
import { type ChannelOrder, normalizationOptions } from "../../models/index.ts";
import type { Transforms } from "../../augment/index.ts";
import type { ExecutionProvider } from "../../runtime/index.ts";
import type { OnNote } from "../../tensor/index.ts";
import type { ClassMap } from "../match-classes.ts";

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
      alias: ["numThreads", "cores"],
    },
    0,
  ),
};

export const cacheLimitRow = number(
  { above: 0 },
  { description: "the most that the cache may take, in GB", default: 20, flag: "--cache-limit <gb>" },
);

/** How an ONNX file is read. */
export const fileRows = {
  output: string({
    description: "tensor that holds the logits",
    otherwise:
      "followed back from the outputs through softmax, sigmoid and what changes shape, type or name only",
    flag: "--output <tensor>",
    alias: ["logits"],
  }),
  ...normalizationOptions,
  inputRange: number(
    { above: 0 },
    {
      description: "white, as the model takes it: 1, or 255 for a model that takes bytes",
      otherwise: "what the model's file says, else 1",
      alias: ["range", "scale", "pixels"],
    },
  ),
  channelOrder: choice(["rgb", "bgr"] as const satisfies ChannelOrder[], {
    description: "order of the colours that the model takes",
    otherwise: "what the model's file says, else rgb",
    flag: "--channel-order <order>",
    alias: ["channels", "bgr", "colorOrder", "colourOrder"],
  }),
};

/** How the data's classes are found among the logits. */
export const classRows = {
  classMap: tested<ClassMap>(
    isClassMap,
    "a list of the model's class names, or an object by the data's classes",
    {
      description:
        "which logit is which class: the model's names in the order of the logits, or for each class of the data a logit's " +
        "index or the model's name of it",
      otherwise: "by name, else by order, which is said",
      alias: ["classes", "labels", "labelMap", "classNames"],
    },
  ),
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

function isClassMap(value: unknown): value is ClassMap {
  if (Array.isArray(value))
    return value.length > 0 && value.every((name) => typeof name === "string" && name !== "");
  return (
    isRecord(value) && Object.values(value).every((to) => (typeof to === "string" ? to !== "" : isIndex(to)))
  );
}

const isIndex = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

function isSignal(value: unknown): value is AbortSignal {
  return isRecord(value) && typeof value.aborted === "boolean" && typeof value.throwIfAborted === "function";
}
