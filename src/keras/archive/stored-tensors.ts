/** Numbers between a file's bytes and tensors. Both are little-endian: so is every machine that runs JavaScript. */
import { ModelError } from "../../onnx/index.ts";
import {
  ShapeError,
  type Tensor,
  UsageError,
  arrayConstructors,
  isFloat,
  shapesEqual,
  tensor,
} from "../../tensor/index.ts";
import { type Dataset, precisionAdvice } from "./hdf5/index.ts";

/** A copy of a data set's numbers. */
export function storedTensor(bytes: Uint8Array, { dtype, shape, start, byteLength }: Dataset): Tensor {
  const own = bytes.slice(start, start + byteLength).buffer;
  return tensor(dtype, shape, new arrayConstructors[dtype](own) as never);
}

/** Numbers of another precision than float32 would be trained otherwise than Keras does. */
export function checkPrecision(path: string, { dtype }: Dataset): void {
  if (dtype === "float32" || !isFloat(dtype)) return;
  throw new ModelError(`"${path}" holds ${dtype} numbers; float32 is read. ${precisionAdvice}`);
}

/**
 * The file with these tensors' numbers in place of its own.
 *
 * @returns undefined when no byte would change
 */
export function patched(
  bytes: Uint8Array,
  datasets: ReadonlyMap<string, Dataset>,
  values: ReadonlyMap<string, Tensor>,
): Uint8Array | undefined {
  let copy: Uint8Array | undefined;
  for (const [path, value] of values) {
    const dataset = datasets.get(path);
    if (!dataset) throw new UsageError(`The file has no numbers at "${path}".`);
    checkFits(path, value, dataset);
    const own = new Uint8Array(
      value.data.buffer as ArrayBuffer,
      value.data.byteOffset,
      value.data.byteLength,
    );
    if (isAt(bytes, dataset.start, own)) continue;
    copy ??= bytes.slice();
    copy.set(own, dataset.start);
  }
  return copy;
}

function isAt(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  for (let index = 0; index < part.length; index++) {
    if (part[index] !== bytes[start + index]) return false;
  }
  return true;
}

/** Whether a tensor can take a data set's place. */
export function checkFits(
  path: string,
  value: Tensor,
  place: { readonly dtype: Tensor["dtype"]; readonly shape: readonly number[] },
): void {
  if (value.dtype === place.dtype && shapesEqual(value.shape, place.shape)) return;
  throw new ShapeError(
    `"${path}" is ${place.dtype} [${place.shape.join(", ")}] in the file and cannot take ${value.dtype} [${value.shape.join(", ")}].`,
  );
}
