/** Small nets as PyTorch's exporters write them, and PyTorch's own three steps on each; `tools/zoo` makes the files. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type FitOptions, type FitResult, fit } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { type Dataset, datasetFromArrays } from "../src/data/index.ts";
import { constantNodeValue, readModel } from "../src/onnx/index.ts";
import { separateParameters } from "../src/parameters/index.ts";
import { type Tensor, numbersOf } from "../src/tensor/index.ts";
import { plainSteps } from "./plain-steps.ts";
import { normalization } from "./pytorch-case.ts";

export const ZOO_FIXTURES = join(import.meta.dirname, "fixtures", "zoo");

/** A tensor of the module that a file keeps under another name, in another shape, or transposed. */
interface Renamed {
  readonly tensor: string;
  readonly shape?: readonly number[];
  readonly transposed?: boolean;
}

export interface ZooFile {
  readonly file: string;
  readonly kind: "plain" | "training" | "folded" | "dynamo" | "dynamo-plain";
  readonly opset: number;
  readonly batch: number | null;
  /** The file of PyTorch's numbers. */
  readonly step: string;
  /** Of a folded file: the parameters of the module folded alike, which it is compared with. */
  readonly parameters?: readonly string[];
  /** By initializer. */
  readonly names: Readonly<Record<string, Renamed>>;
  /** Float tensors of several elements that are no tensor of the module, such as computed weights. */
  readonly others: readonly string[];
  /** Tensors of the module that are not in the file. */
  readonly missing: readonly string[];
}

/** What tools/zoo/records.py writes of a net. */
export interface ZooNet {
  readonly net: string;
  readonly image: readonly [number, number, number];
  readonly classes: number;
  /** PyTorch's sum(p.numel()). */
  readonly numbers: number;
  /** PyTorch's named_parameters(); `gradient`: the loss reaches it. */
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly gradient: boolean;
  }[];
  readonly tied: Readonly<Record<string, string>>;
  readonly buffers: readonly { readonly name: string; readonly floating: boolean; readonly saved: boolean }[];
  readonly files: readonly ZooFile[];
}

export interface ZooRow {
  readonly net: ZooNet;
  readonly form: ZooFile;
}

export const zooNets = (): ZooNet[] =>
  readdirSync(ZOO_FIXTURES)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(ZOO_FIXTURES, file), "utf8")) as ZooNet);

export const zooRows = (): ZooRow[] =>
  zooNets().flatMap((net) => net.files.map((form): ZooRow => ({ net, form })));

/** Every net in every second of its forms, the first or the second in turn; or in the others. */
export const zooShare = (which: "usual" | "long"): ZooRow[] =>
  zooNets().flatMap((net, n) =>
    net.files
      .filter((_, i) => ((i + n) % 2 === 0 || net.files.length === 1) === (which === "usual"))
      .map((form): ZooRow => ({ net, form })),
  );

export const pathOf = ({ file }: ZooFile): string => join(ZOO_FIXTURES, file);

/** PyTorch's numbers for a file. */
export interface ZooReference {
  readonly data: Dataset;
  readonly labels: readonly number[];
  /** Of the images in evaluation mode, before the steps and after them, [N, K]. */
  readonly logits: readonly number[];
  readonly logitsAfter: readonly number[];
  /** Change of each tensor that changes, by its name in the module. */
  readonly changes: ReadonlyMap<string, readonly number[]>;
  readonly rwaChanges: ReadonlyMap<string, readonly number[]>;
}

export function referenceOf({ net, form }: ZooRow): ZooReference {
  const path = join(ZOO_FIXTURES, form.step);
  const { graph, metadata } = readModel(readFileSync(path), path);
  const tensors = graph.initializers;
  const scales = JSON.parse(metadata.scales) as Record<string, number>;
  const changesOf = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), numbersOf(value).map((v) => v * scales[key])]),
    );
  const labels = numbersOf(tensors.get("labels")!);
  return {
    data: datasetFromArrays({
      name: net.net,
      shape: net.image,
      pixels: tensors.get("images")!.data as Uint8Array,
      labels,
      classNames: Array.from({ length: net.classes }, (_, i) => String(i)),
    }),
    labels,
    logits: numbersOf(tensors.get("logits")!),
    logitsAfter: numbersOf(tensors.get("logits-after")!),
    changes: changesOf("change:"),
    rwaChanges: changesOf("rwa-change:"),
  };
}

/** Three plain steps of all images (tools/zoo/training.py). */
export const threeSteps = (row: ZooRow, data: Dataset, options: FitOptions = {}): Promise<FitResult> =>
  fit(pathOf(row.form), data, {
    ...normalization,
    ...plainSteps(data),
    onNote: () => undefined,
    ...options,
  });

/** One step of the paper's method (tools/pytorch/reference.py). */
export const rwaStep = (row: ZooRow, data: Dataset, options: FitOptions = {}): Promise<FitResult> =>
  threeSteps(row, data, {
    method: "rwa",
    transforms: rotation(),
    alignmentWeight: 0.1,
    learningRate: 0.1,
    epochs: 1,
    ...options,
  });

/** The file's float32 tensors as they train, by name: initializers, Constant nodes, and what was merged. */
export function tensorsOf(form: ZooFile): Map<string, Tensor> {
  const path = pathOf(form);
  const { nodes, initializers } = separateParameters(readModel(readFileSync(path), path).graph);
  const constants = nodes
    .filter((node) => node.opType === "Constant")
    .map((node) => [node.outputs[0], constantNodeValue({ ...node, inputs: [], outputCount: 1 })] as const);
  const tensors = new Map<string, Tensor>([...constants, ...initializers]);
  // Exporters merge equal tensors so; separate parameters of the module they are all the same.
  for (const { opType, inputs, outputs } of nodes) {
    const value = tensors.get(inputs[0]);
    if (opType === "Identity" && value) tensors.set(outputs[0], value);
  }
  return new Map([...tensors].filter(([, { dtype }]) => dtype === "float32"));
}

/** The module's tensor that an initializer is, or undefined. */
export function tensorOf({ net, form }: ZooRow, initializer: string): Renamed | undefined {
  const bias = initializer.replace(/weight_bias$/, "bias");
  // A folded layer without a bias of its own has one in PyTorch's module.
  const own = form.parameters?.includes(bias) ? bias : (net.tied[initializer] ?? initializer);
  const names = [...net.parameters, ...net.buffers].map(({ name }) => name);
  const isOwn = (names.includes(own) || form.parameters?.includes(own)) && !form.others.includes(own);
  return form.names[initializer] ?? (isOwn ? { tensor: own } : undefined);
}

/** What trains in PyTorch, by the module's names; of a folded file, in the module folded alike. */
const wantedOf = ({ net, form }: ZooRow): Set<string> =>
  new Set(form.parameters ?? net.parameters.filter(({ gradient }) => gradient).map(({ name }) => name));

/** The file's tensors that train in PyTorch, by the file's names. */
export function trainedInPyTorch(row: ZooRow): string[] {
  const wanted = wantedOf(row);
  return [...tensorsOf(row.form).keys()].filter((name) => wanted.has(tensorOf(row, name)?.tensor ?? ""));
}

/** Tensors that an exporter computed of others: neither the module's nor constants of the net's unfolded file. */
export function computedIn({ net, form }: ZooRow): string[] {
  const unfolded = net.files.find(({ kind }) => kind === "plain" || kind === "dynamo-plain");
  if (!form.parameters || !unfolded) return [];
  const known = [...tensorsOf(unfolded).values()].map(fingerprint);
  const tensors = tensorsOf(form);
  const { valueMetadata } = readModel(readFileSync(pathOf(form))).graph;
  /** The exporter says of which tensors: masks are of none that trains. */
  const isOfConstants = (name: string) => {
    const from = valueMetadata?.get(name)?.["pkg.onnxscript.optimizer.folded_from"];
    return from !== undefined && !net.parameters.some((own) => from.includes(`'${own.name}'`));
  };
  return form.others.filter(
    (name) => !isOfConstants(name) && tensors.has(name) && !known.includes(fingerprint(tensors.get(name)!)),
  );
}

const fingerprint = (value: Tensor): string =>
  numbersOf(value)
    .map((v) => v.toPrecision(4))
    .join();

/** What PyTorch trains and `fit` does not, and the reverse, as the file calls them. */
export function differences(row: ZooRow, trained: readonly string[]): { missing: string[]; extra: string[] } {
  const wanted = wantedOf(row);
  const isWanted = (initializer: string) => wanted.has(tensorOf(row, initializer)?.tensor ?? "");
  const found = new Set(trained.map((initializer) => tensorOf(row, initializer)?.tensor));
  return {
    missing: trainedInPyTorch(row).filter((initializer) => !found.has(tensorOf(row, initializer)!.tensor)),
    extra: trained.filter((initializer) => !isWanted(initializer)),
  };
}

/**
 * Files that no reader can train as PyTorch trains the module, as they look in every way like others that train so.
 * `names` train although they do not in PyTorch.
 */
export const undecidable: Readonly<
  Record<string, { readonly names: readonly string[]; readonly why: string }>
> = {
  "low-rank-plain-opset17.onnx": { names: ["base.weight"], why: "requires_grad=False leaves no trace" },
  "detached-branch-plain-opset17.onnx": {
    names: ["side.weight", "side.bias"],
    why: "detach() leaves no trace, and gradients go on through the branch",
  },
  "random-features-plain-opset17.onnx": {
    names: ["projection", "phase"],
    why: "buffers in the place of a weight and a bias",
  },
  "module-twice-folded-opset17.onnx": {
    names: ["onnx::Mul_48", "onnx::Mul_50", "onnx::Add_49", "onnx::Add_51"],
    why: "a scale that runs twice is written as two equal tensors without names, as two of one value would be",
  },
};

export interface TensorError {
  readonly initializer: string;
  /** max|a − b| / max|b| of the weights. */
  readonly weight: number;
  /** The same of their change, less what rounding to float32 makes of it. */
  readonly change: number;
}

/** How far each tensor that PyTorch has is from PyTorch's, the worst change first. */
export function tensorErrors(
  row: ZooRow,
  changes: ReadonlyMap<string, readonly number[]>,
  result: FitResult,
): TensorError[] {
  const trained = result.model.graph.initializers;
  const least = 1e-2 * Math.max(...[...changes.values()].map(largest));
  return [...tensorsOf(row.form)]
    .flatMap(([initializer, before]) => {
      const source = tensorOf(row, initializer);
      if (!source || before.data.length === 0) return [];
      const change = changes.get(source.tensor) ?? numbersOf(before).map(() => 0);
      const after = trained.get(initializer);
      if (!after) return largest(change) === 0 ? [] : [{ initializer, weight: Infinity, change: Infinity }];
      const [old, got] = [numbersOf(before), numbersOf(after)];
      const moved = source.transposed ? transposed(change, before.shape) : change;
      const want = old.map((v, i) => v + moved[i]);
      const finite = want.filter((v) => Number.isFinite(v));
      const error = largest(got.map((v, i) => (v === want[i] ? 0 : v - want[i])));
      const rounding = 4e-7 * largest(finite);
      return [
        {
          initializer,
          weight: error / (largest(finite) || 1),
          change: Math.max(0, error - rounding) / Math.max(largest(moved), least),
        },
      ];
    })
    .sort((a, b) => b.change - a.change);
}

/** Numbers of a matrix stored as its transpose, in the order of `shape`, [rows, columns]. */
const transposed = (values: readonly number[], [rows, columns]: readonly number[]): number[] =>
  values.map((_, i) => values[(i % columns) * rows + Math.floor(i / columns)]);

const largest = (values: readonly number[]): number =>
  values.reduce((m, v) => Math.max(m, Number.isNaN(v) ? Infinity : Math.abs(v)), 0);
