/** Everything that keeps a model's layers from being converted or trained. */
import { ModelError } from "../onnx/index.ts";
import { ShapeError } from "../tensor/index.ts";
import type { LayerProblem } from "./errors.ts";
import type { LayerConverter, LayerFacts } from "./layers/converter.ts";
import { type Dialect, converterOf, isNoise, refused } from "./layers/index.ts";
import { type LayerCall, type ModelLayer, usesOf } from "./model-layer.ts";
import { isPenalty } from "./penalties.ts";

/**
 * Why a call cannot become nodes, a sentence each.
 *
 * @param inputShapes  with the batch (null) first, channels last; undefined where a layer before it has problems
 */
export function conversionProblems(
  { layer, call }: LayerCall,
  inputShapes: readonly (readonly (number | null)[])[] | undefined,
  dialect: Dialect,
): string[] {
  const { className, config } = layer;
  const converter = converterOf(className, dialect);
  if (!converter) return [unsupported(className)];
  return [
    ...(config.dataFormat === "channelsFirst" || config.dataFormat === "channels_first"
      ? ["it works channels first. Build it channels last, the default."]
      : []),
    ...((call?.part ?? 0) > 0 && !converter.hasParts
      ? ["more than its first value is used. Split or index its first value instead."]
      : []),
    ...(inputShapes ? problemsWith(converter, { dialect, config, inputShapes, call }) : []),
  ];
}

/** What the converter says against a layer, or of a setting that is none of its kind. */
function problemsWith(converter: LayerConverter, facts: LayerFacts): string[] {
  if (facts.inputShapes.length === 0)
    return ["it is called without an input. The file is damaged: save the model anew."];
  try {
    return converter.problems?.(facts) ?? [];
  } catch (error) {
    if (error instanceof ModelError || error instanceof ShapeError) return [error.message];
    throw error;
  }
}

const unsupported = (className: string): string =>
  className.endsWith("(custom)")
    ? "its class is not one of Keras' own, and the file does not hold its code. Write it with layers and operations of " +
      `Keras, or export the model: model.export("net.onnx", format="onnx").`
    : (refused.get(className) ?? "this kind of layer is not supported.");

/** What each layer would do otherwise in training than its maker has it do. */
export function trainingProblems(calls: readonly LayerCall[]): LayerProblem[] {
  const uses = usesOf(calls);
  return problemsOf(calls, ({ layer }) => trainingProblemsOf(layer, uses.get(layer)!));
}

function trainingProblemsOf(layer: ModelLayer, uses: number): string[] {
  const { className, config } = layer;
  const problems = [...layer.terms]
    .filter(([key, term]) => !isPenalty(key, term))
    .map(([key]) =>
      key.endsWith("Constraint")
        ? `its ${key} has no counterpart in fit. Build it without, or use fit's optimizerOptions.`
        : `its ${key} has no counterpart in fit, which knows l1 and l2 on weights. Build it without.`,
    );
  if (isNoise(className)) {
    problems.push("its noise has no counterpart in fit. Build the model with Dropout, or without.");
  }
  if (className === "ActivityRegularization") {
    problems.push(
      "it adds to the loss of what passes through it, which fit does not know. Build the model without.",
    );
  }
  if (className === "BatchNormalization" && config.renorm === true && layer.trainable) {
    problems.push("it renormalises (renorm), which fit does not. Build it without.");
  }
  if (className === "BatchNormalization" && layer.trainable) {
    if (uses > 1) {
      problems.push(
        `it is called ${uses} times, and each call would move its statistics. Use a layer for each call.`,
      );
    }
    if (config.scale === false && config.center === false) {
      problems.push(
        "without scale and center there is nothing in it to train. Give it one, or set trainable = false.",
      );
    }
  }
  return problems;
}

/** Problems of each layer, once for a layer that is called several times. */
export function problemsOf(
  calls: readonly LayerCall[],
  find: (call: LayerCall) => readonly string[],
): LayerProblem[] {
  const found = calls.flatMap((call) => {
    const facts = { layer: call.layer.name, className: call.layer.className };
    return find(call).map((problem): LayerProblem => ({ ...facts, problem }));
  });
  return [...new Map(found.map((p) => [`${p.layer}\n${p.problem}`, p])).values()];
}
