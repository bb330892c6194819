import { type OptionTable, choice, isImageShape, number, tested, whole } from "../../options/index.ts";
import type { Shape } from "../../tensor/index.ts";
import type { ExportStepOptions, StepRates } from "../export-step-options.ts";
import { usualLength } from "../run-length.ts";
import { fitTable } from "./fit-table.ts";

/** Every option of `exportStep`: those of `fit` that shape a step, and two of its own. */
export const exportStepTable = {
  trainable: fitTable.trainable,
  method: fitTable.method,
  regularizer: fitTable.regularizer,
  regularizerOptions: fitTable.regularizerOptions,
  transforms: fitTable.transforms,
  gradients: fitTable.gradients,
  loss: fitTable.loss,
  lossOptions: fitTable.lossOptions,
  alignmentWeight: fitTable.alignmentWeight,
  selection: fitTable.selection,
  selectBy: fitTable.selectBy,
  alignSelectBy: fitTable.alignSelectBy,
  align: fitTable.align,
  stopGradient: fitTable.stopGradient,
  compat: fitTable.compat,
  labelSmoothing: fitTable.labelSmoothing,
  batchSize: whole({
    description: fitTable.batchSize.description,
    default: usualLength.batchSize,
    flag: fitTable.batchSize.flag,
    alias: fitTable.batchSize.alias,
  }),
  optimizer: fitTable.optimizer,
  optimizerOptions: fitTable.optimizerOptions,
  decay: fitTable.decay,
  learningRate: fitTable.learningRate,
  clipNorm: fitTable.clipNorm,
  shape: tested<Shape>(isImageShape, "[channels, height, width], whole numbers of at least 1", {
    description: "one image, [C, H, W]",
    otherwise: "what the model declares",
    alias: ["inputShape", "imageShape", "size"],
  }),
  provider: choice(["wasm", "webgpu"], {
    description: "what is to run it: wasm, any processor; or webgpu, that or a graphics card",
    default: "wasm",
    alias: ["executionProvider", "device", "backend"],
  }),
} satisfies OptionTable<ExportStepOptions>;

/** The rates of one step. */
export const stepRates = {
  learningRate: number({ least: 0 }, { description: "of this step", otherwise: "the option's" }),
  alignmentWeight: number(
    { least: 0 },
    { description: "of this step", otherwise: "the option's", alias: ["lambda"] },
  ),
} satisfies OptionTable<StepRates>;
