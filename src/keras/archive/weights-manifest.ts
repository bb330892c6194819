/** Which bytes of which files are which weight of a TensorFlow.js model: its model.json's weightsManifest. */
import { ModelError } from "../../onnx/index.ts";
import { type DType, type Shape, sizeOf } from "../../tensor/index.ts";
import { ownText, ownValue } from "./stored-json.ts";

/** Files whose bytes, one after the other, are some weights' numbers, one after the other. */
export interface WeightGroup {
  /** Relative to model.json, inside its folder. */
  readonly paths: readonly string[];
  /** Bytes of these files together. */
  readonly byteLength: number;
  readonly weights: readonly WeightSpec[];
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: Shape;
  /** What it is in the model. */
  readonly dtype: DType;
  /** What the file holds: fewer bytes where it is quantized. */
  readonly stored: { readonly dtype: DType; readonly scale?: number; readonly min?: number };
  /** Whether it is the optimizer's, not the model's. */
  readonly isState: boolean;
}

const dtypes = new Map<string, DType>([
  ["float32", "float32"],
  ["int32", "int32"],
  ["uint8", "uint8"],
  ["uint16", "uint16"],
  ["float16", "float16"],
  ["bool", "bool"],
]);
const bytesOf: Partial<Record<DType, number>> = {
  float32: 4,
  int32: 4,
  uint16: 2,
  float16: 2,
  uint8: 1,
  bool: 1,
};
/** Keras' largest applications have some thousand. */
const mostWeights = 100_000;
const mostFiles = 10_000;

/**
 * What a model.json's weightsManifest says, whichever kind of model it belongs to.
 *
 * @throws ModelError for files outside the model's folder, and for weights that are not read
 */
export function weightGroups(manifest: readonly unknown[]): readonly WeightGroup[] {
  const groups = manifest.map((group, index) => groupOf(group, `weightsManifest[${index}]`));
  checkOnce(
    groups.flatMap(({ paths }) => paths),
    "file",
    mostFiles,
  );
  checkOnce(
    groups.flatMap(({ weights }) => weights.map(({ name }) => name)),
    "weight",
    mostWeights,
  );
  return groups;
}

function groupOf(group: unknown, where: string): WeightGroup {
  const [paths, weights] = [ownValue(group, "paths"), ownValue(group, "weights")];
  if (!Array.isArray(paths) || !Array.isArray(weights))
    throw new ModelError(`its ${where} has no paths or no weights`);
  const specs = weights.map((weight: unknown, index) => specOf(weight, `${where}.weights[${index}]`));
  const byteLength = specs.reduce((sum, spec) => sum + storedBytes(spec), 0);
  if (!Number.isSafeInteger(byteLength)) throw new ModelError(`its ${where} needs ${byteLength} bytes`);
  return { paths: paths.map((path: unknown) => checkedPath(path, where)), byteLength, weights: specs };
}

/** Bytes of a weight in its files. */
export const storedBytes = ({ shape, stored }: WeightSpec): number =>
  sizeOf(shape) * (bytesOf[stored.dtype] ?? 0);

/**
 * A path that stays in the folder, whatever the system: no root, no way up, no drive, no address of a network. What a page downloads
 * (`model.save("downloads://model")`, ml5) is called "./model.weights.bin".
 */
function checkedPath(path: unknown, where: string): string {
  if (typeof path === "string" && !/[\\:\0]/.test(path)) {
    const steps = path.replace(/^\.\//, "").split("/");
    if (steps.every((step) => step !== "" && step !== "." && step !== "..")) return steps.join("/");
  }
  throw new ModelError(
    `its ${where} names the file ${JSON.stringify(path)}; only files inside the model's own folder are opened`,
  );
}

function specOf(weight: unknown, where: string): WeightSpec {
  const [name, shape, typeName] = [
    ownText(weight, "name"),
    ownValue(weight, "shape"),
    ownText(weight, "dtype"),
  ];
  if (name === undefined) throw new ModelError(`its ${where} has no name`);
  const quoted = JSON.stringify(name);
  const dtype = typeName === undefined ? undefined : dtypes.get(typeName);
  if (dtype === undefined || dtype === "float16") {
    throw new ModelError(`its weight ${quoted} has the type ${JSON.stringify(typeName)}, which is not read`);
  }
  if (!isShape(shape)) throw new ModelError(`its weight ${quoted} has the shape ${JSON.stringify(shape)}`);
  return {
    name,
    shape,
    dtype,
    stored: storedAs(ownValue(weight, "quantization"), dtype, quoted),
    isState: ownText(weight, "group") === "optimizer",
  };
}

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) &&
  shape.length <= 32 &&
  shape.every((length) => Number.isSafeInteger(length) && length >= 0) &&
  Number.isSafeInteger(sizeOf(shape));

function storedAs(quantization: unknown, dtype: DType, quoted: string): WeightSpec["stored"] {
  if (quantization === undefined || quantization === null) return { dtype };
  const stored = dtypes.get(ownText(quantization, "dtype") ?? "");
  if (stored === "float16" && dtype === "float32") return { dtype: stored };
  const [scale, min] = [ownValue(quantization, "scale"), ownValue(quantization, "min")];
  const isKnown =
    (stored === "uint8" || stored === "uint16") && typeof scale === "number" && typeof min === "number";
  if (!isKnown || !(dtype === "float32" || dtype === "int32")) {
    throw new ModelError(
      `its weight ${quoted} is quantized as ${JSON.stringify(quantization)}, which is not read`,
    );
  }
  return { dtype: stored, scale, min };
}

function checkOnce(names: readonly string[], what: string, most: number): void {
  if (names.length > most) throw new ModelError(`it names ${names.length} ${what}s; ${most} are the most`);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new ModelError(`it names the ${what} ${JSON.stringify(name)} twice`);
    seen.add(name);
  }
}
