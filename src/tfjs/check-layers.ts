/** Everything that keeps a model from being converted or trained, found before anything is built. */
import { UsageError } from "../tensor/index.ts";
import { type LayerProblem, UnsupportedLayerError } from "./errors.ts";
import type { Layer, LayerCall, LayerCalls } from "./layer-calls.ts";
import { isAugmentation, isNoise, layerConverters } from "./layers/index.ts";
import { isPenalty, layerTerms } from "./penalties.ts";

/** @throws UnsupportedLayerError that lists every layer without a counterpart */
export function checkLayers(model: string, { calls }: LayerCalls): void {
  const images = imageValues(calls);
  const problems = problemsOf(calls, (call) => conversionProblems(call, images));
  const supported = [...layerConverters.keys()].filter((name) => !isAugmentation(name));
  if (problems.length > 0) throw new UnsupportedLayerError(model, problems, supported);
}

/** @throws UsageError that lists every layer which TensorFlow.js would train otherwise than we do */
export function checkTraining(model: string, { calls }: LayerCalls): void {
  const uses = usesOf(calls);
  const problems = problemsOf(calls, (call) => trainingProblems(call, uses.get(call.layer)!));
  if (problems.length === 0) return;
  const lines = problems.map(({ layer, className, problem }) => `  "${layer}" (${className}): ${problem}`);
  throw new UsageError(
    `The model "${model}" has layers that would train otherwise than in TensorFlow.js:\n${lines.join("\n")}`,
  );
}

/** How often each layer is called. Not by name, which two nested models may each have given. */
export function usesOf(calls: readonly LayerCall[]): Map<Layer, number> {
  const uses = new Map<Layer, number>();
  for (const { layer } of calls) uses.set(layer, (uses.get(layer) ?? 0) + 1);
  return uses;
}

/** Layers that leave pixels what they are, wherever they put them. */
const arranging = new Set(["ZeroPadding2D", "Cropping2D", "UpSampling2D", "Permute", "Dropout"]);

/** Numbers of the values that are the images themselves, in whatever arrangement. */
function imageValues(calls: readonly LayerCall[]): Set<number> {
  const images = new Set([0]);
  for (const { layer, inputs, output } of calls) {
    const className = layer.getClassName();
    if (
      (isAugmentation(className) || isNoise(className) || arranging.has(className)) &&
      images.has(inputs[0])
    )
      images.add(output);
  }
  return images;
}

/** Problems of each layer, once for a layer that is called several times. */
function problemsOf(calls: readonly LayerCall[], find: (call: LayerCall) => string[]): LayerProblem[] {
  const found = calls.flatMap((call) => {
    const facts = { layer: call.layer.name, className: call.layer.getClassName() };
    return find(call).map((problem): LayerProblem => ({ ...facts, problem }));
  });
  return [...new Map(found.map((p) => [`${p.layer}\n${p.problem}`, p])).values()];
}

/** A smaller scale on the images themselves is meant for bytes: 1/255, or 1/127.5 with an offset. */
const SMALLEST_SCALE = 1 / 100;

function conversionProblems(
  { layer, inputs, inputShapes }: LayerCall,
  images: ReadonlySet<number>,
): string[] {
  const converter = layerConverters.get(layer.getClassName());
  if (!converter) return ["this kind of layer is not supported."];
  const config = layer.getConfig();
  return [
    ...(config.dataFormat === "channelsFirst"
      ? ["it works channels first. Build it channels last, TensorFlow.js's default."]
      : []),
    ...(layer.getClassName() === "Rescaling" &&
    images.has(inputs[0]) &&
    (config.scale as number) < SMALLEST_SCALE
      ? [
          "it expects pixels from 0 to 255; here they are in [0, 1]. Put the model behind another one: " +
            "tf.sequential({ layers: [tf.layers.rescaling({ scale: 255, inputShape }), model] }).",
        ]
      : []),
    ...(converter.problems?.({ config, inputShapes }) ?? []),
  ];
}

function trainingProblems({ layer }: LayerCall, uses: number): string[] {
  const config = layer.getConfig();
  const problems = [...layerTerms(layer)]
    .filter(([key, term]) => !isPenalty(key, term))
    .map(([key]) =>
      key.endsWith("Constraint")
        ? `its ${key} has no counterpart in fit. Build it without, or use fit's optimizerOptions.`
        : `its ${key} has no counterpart in fit, which knows l1 and l2 on weights. Build it without.`,
    );
  if (isNoise(layer.getClassName())) {
    problems.push("its noise has no counterpart in fit. Build the model with Dropout, or without.");
  }
  if (layer.getClassName() === "BatchNormalization" && layer.trainable) {
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
