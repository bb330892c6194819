import { ModelError } from "../../onnx/index.ts";
import { hdf5Signature } from "./hdf5/index.ts";
import { readKerasH5 } from "./keras-h5.ts";
import { readKerasZip } from "./keras-zip.ts";
import type { StoredModel } from "./stored-model.ts";

/** Whether bytes begin as a zip archive or an HDF5 file does, which is how Keras saves models. */
export const isKerasFile = (bytes: Uint8Array): boolean => isZip(bytes) || isHdf5(bytes);

/**
 * A model that Keras saved: `.keras`, or Keras 2's and 3's `.h5`. Which of them its first bytes say, not its name.
 *
 * @param name  of the file, for errors and for the file that `withTensors` gives
 * @throws ModelError  for anything else, weights without their layers, and what is damaged or not read, with its path
 */
export function readKerasFile(bytes: Uint8Array, name: string): StoredModel {
  return ofFile(name, () => {
    bytes = plainBytes(bytes);
    if (isZip(bytes)) return readKerasZip(bytes, name);
    if (isHdf5(bytes)) return readKerasH5(bytes, name);
    throw new ModelError(
      `it begins neither as a zip archive (.keras) nor as an HDF5 file (.h5). Save the model with ` +
        `model.save("model.keras")`,
    );
  });
}

/** A view as a plain array: `slice` of Node's Buffer gives a view where an array's gives a copy. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Says in an error which file it is about. */
export function ofFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(`Cannot read the model ${name}: ${error.message}.`, { cause: error });
  }
}

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  String.fromCharCode(...bytes.subarray(0, text.length)) === text;
export const isZip = (bytes: Uint8Array): boolean =>
  startsWith(bytes, "PK\x03\x04") || startsWith(bytes, "PK\x05\x06");
const isHdf5 = (bytes: Uint8Array): boolean => startsWith(bytes, hdf5Signature);
