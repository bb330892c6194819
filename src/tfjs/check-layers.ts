/** Everything that keeps a model from being converted or trained, found before anything is built. */
import { UsageError } from "../tensor/index.ts";
import { type LayerProblem, UnsupportedLayerError } from "./errors.ts";
import type { LayerCall, LayerCalls } from "./layer-calls.ts";
import { layerConverters } from "./layers/index.ts";

/** @throws UnsupportedLayerError that lists every layer without a counterpart */
export function checkLayers(model: string, { calls }: LayerCalls): void {
  const problems = problemsOf(calls, conversionProblems);
  if (problems.length > 0) throw new UnsupportedLayerError(model, problems, [...layerConverters.keys()]);
}

/** @throws UsageError that lists every layer which TensorFlow.js would train otherwise than we do */
export function checkTraining(model: string, { calls }: LayerCalls): void {
  const uses = new Map<string, number>();
  for (const { layer } of calls) uses.set(layer.name, (uses.get(layer.name) ?? 0) + 1);
  const problems = problemsOf(calls, (call) => trainingProblems(call, uses.get(call.layer.name)!));
  if (problems.length === 0) return;
  const lines = problems.map(({ layer, className, problem }) => `  "${layer}" (${className}): ${problem}`);
  throw new UsageError(
    `The model "${model}" has layers that would train otherwise than in TensorFlow.js:\n${lines.join("\n")}`,
  );
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

function conversionProblems({ layer, inputs, inputShapes }: LayerCall): string[] {
  const converter = layerConverters.get(layer.getClassName());
  if (!converter) return ["this kind of layer is not supported."];
  const config = layer.getConfig();
  return [
    ...(config.dataFormat === "channelsFirst"
      ? ["it works channels first. Build it channels last, TensorFlow.js's default."]
      : []),
    ...(layer.getClassName() === "Rescaling" && inputs[0] === 0 && (config.scale as number) < SMALLEST_SCALE
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
  const terms = Object.keys(config).filter(
    (key) => /(Regularizer|Constraint)$/.test(key) && config[key] !== null && config[key] !== undefined,
  );
  const problems = terms.map(
    (key) => `its ${key} has no counterpart in fit. Build it without, or use fit's optimizerOptions.`,
  );
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
