/** Tensors whose bytes are in files beside the ONNX file. */
import { type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { checkLimit } from "../options/index.ts";
import { ModelError } from "./errors.ts";

/** Contents of the files beside an ONNX file, by the location that it names. */
export type ExternalData = ReadonlyMap<string, Uint8Array>;

/** The file that a tensor is in, relative to the model's folder. */
export const locationOf = (tensor: TensorProto): string => entriesOf(tensor).get("location") ?? "";

export const isExternal = ({ dataLocation }: TensorProto): boolean =>
  dataLocation === TensorProto_DataLocation.EXTERNAL;

/** The bytes of an external tensor. @throws ModelError when its file is missing or too short */
export function externalBytes(proto: TensorProto, files: ExternalData, where: string): Uint8Array {
  const entries = entriesOf(proto);
  const location = locationOf(proto);
  const file = files.get(location);
  if (!file) {
    throw new ModelError(
      `${where} is stored in the external file "${location}", which was not given. ` +
        `Pass the path of the ONNX file and keep both in one folder, or save the model with its data inside.`,
    );
  }
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? file.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= file.length)) {
    throw new ModelError(
      `${where} lies at bytes ${offset} to ${offset + length} of "${location}", which has ${file.length}. ` +
        `The file is cut off, or belongs to another model.`,
    );
  }
  return file.subarray(offset, offset + length);
}

/**
 * Bytes of external tensors together: many may lie in the same few bytes of a file.
 *
 * @throws LimitError
 */
export function checkExternalSize(
  tensors: readonly TensorProto[],
  files: ExternalData,
  source: string,
): void {
  const total = tensors.filter(isExternal).reduce((sum, tensor) => {
    const entries = entriesOf(tensor);
    return sum + Number(entries.get("length") ?? files.get(locationOf(tensor))?.length ?? 0);
  }, 0);
  checkLimit("tensorBytes", total, `The external data of ${source}`);
}

const entriesOf = ({ externalData }: TensorProto): Map<string, string> =>
  new Map(externalData.map(({ key, value }) => [key, value]));
