/** Exports of real PyTorch classifiers, and one `rwa` step on each; `tools/pytorch` makes the files. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type FitResult, fit } from "../src/api/index.ts";
import { type Dataset, datasetFromArrays } from "../src/data/index.ts";
import { rotation } from "../src/augment/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { type Tensor, numbersOf } from "../src/tensor/index.ts";
import { separateParameters } from "../src/parameters/index.ts";

export const PYTORCH_FIXTURES = join(import.meta.dirname, "fixtures", "pytorch");

export interface PytorchCase {
  readonly name: string;
  /** The file that torch.onnx.export wrote. */
  readonly model: string;
  readonly data: Dataset;
  /** PyTorch's parameters and running statistics after the step, by initializer name. */
  readonly after: ReadonlyMap<string, Tensor>;
  /** PyTorch's logits of the images after the step, in evaluation mode. */
  readonly logits: Tensor;
}

/** Names of the committed cases. */
export const pytorchCaseNames = (): string[] =>
  readdirSync(PYTORCH_FIXTURES)
    .filter((file) => file.endsWith(".step.onnx"))
    .map((file) => file.slice(0, -".step.onnx".length))
    .sort();

export function readPytorchCase(name: string, model: string, step: string): PytorchCase {
  const { initializers } = readModel(readFileSync(step), step).graph;
  const images = initializers.get("images")!;
  const data = datasetFromArrays({
    name,
    shape: images.shape.slice(1) as unknown as Dataset["shape"],
    pixels: images.data as Uint8Array,
    labels: numbersOf(initializers.get("labels")!),
    classNames: Array.from({ length: 10 }, (_, i) => String(i)),
  });
  const after = [...initializers].filter(([key]) => key.startsWith("after:"));
  return {
    name,
    model,
    data,
    after: new Map(after.map(([key, value]) => [key.slice("after:".length), value])),
    logits: initializers.get("logits")!,
  };
}

/** The committed case of that name. */
export const pytorchCase = (name: string): PytorchCase =>
  readPytorchCase(name, join(PYTORCH_FIXTURES, `${name}.onnx`), join(PYTORCH_FIXTURES, `${name}.step.onnx`));

/** Means and stds of the reference (tools/pytorch/reference.py), as are the step's other numbers. */
export const normalization = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.243, 0.262] };

/** The step: one batch, the worst of four rotations and the identity, plain SGD. */
export const fitOneStep = ({ model, data }: PytorchCase): Promise<FitResult> =>
  fit(model, data, {
    ...normalization,
    method: "rwa",
    transforms: rotation(),
    alignmentWeight: 0.1,
    optimizer: "sgd",
    learningRate: 0.1,
    epochs: 1,
    batchSize: data.labels.length,
    threads: 1,
  });

/** Worst errors, max|a − b| / max|b|, of the weights and of their change in the step. */
export interface StepErrors {
  readonly weight: number;
  readonly change: number;
  /** Whose change it is. */
  readonly where: string;
}

export function stepErrors({ model, after }: PytorchCase, result: FitResult): StepErrors {
  const { graph } = readModel(readFileSync(model), model, externalOf(model));
  // Weights may be Constant nodes there.
  const before = separateParameters(graph).initializers;
  const trained = result.model.graph.initializers;
  const changes = [...after].map(([name, expected]) => {
    const [old, got, want] = [before.get(name)!, trained.get(name)!, expected].map(numbersOf);
    return {
      name,
      weight: worst(got.map((v, i) => v - want[i])) / worst(want),
      difference: worst(got.map((v, i) => v - want[i])),
      size: worst(want.map((v, i) => v - old[i])),
    };
  });
  // A bias before BatchNormalization has no gradient but rounding.
  const least = 1e-3 * Math.max(...changes.map(({ size }) => size));
  const relative = changes.map(({ name, difference, size }) => ({
    where: name,
    change: difference / Math.max(size, least),
  }));
  const [largest] = relative.sort((a, b) => b.change - a.change);
  return { ...largest, weight: Math.max(...changes.map(({ weight }) => weight)) };
}

/** The file of weights beside a model, where there is one. */
export function externalOf(model: string): Map<string, Uint8Array> {
  const file = `${model}.data`;
  return new Map(existsSync(file) ? [[basename(file), readFileSync(file)]] : []);
}

const worst = (values: readonly number[]): number => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
