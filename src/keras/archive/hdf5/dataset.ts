import { ModelError } from "../../../onnx/index.ts";
import type { DType, Shape } from "../../../tensor/index.ts";
import { countOf, datatypeAt, shapeAt } from "./datatype.ts";
import { type FileBytes, damaged } from "./file-bytes.ts";
import { type Message, messageTypes } from "./object-header.ts";

/** Numbers in one piece of the file, row-major and little-endian. */
export interface Dataset {
  readonly dtype: DType;
  readonly shape: Shape;
  /** First byte in the file, and number of bytes. */
  readonly start: number;
  readonly byteLength: number;
}

/** What to do with a model of another precision. */
export const precisionAdvice =
  `Build the model with keras.config.set_dtype_policy("float32"), take over its weights by ` +
  `model.set_weights(old.get_weights()), and save that`;

export const isDataset = (messages: readonly Message[]): boolean =>
  messages.some(({ type }) => type === messageTypes.layout || type === messageTypes.dataspace);

/**
 * Where a data set's numbers lie (section IV.A.2.i).
 *
 * @param attributes  its text attributes
 * @throws ModelError for numbers in other files, in chunks, compressed, big-endian, or that are none
 */
export function datasetOf(
  file: FileBytes,
  messages: readonly Message[],
  attributes: ReadonlyMap<string, readonly string[]>,
): Dataset {
  const position = (type: number): number | undefined =>
    messages.find((message) => message.type === type)?.at;
  const [space, type, layout] = [messageTypes.dataspace, messageTypes.datatype, messageTypes.layout].map(
    position,
  );
  if (space === undefined || type === undefined || layout === undefined) {
    throw damaged("a data set without a shape, a type or a place");
  }
  if (position(messageTypes.externalFiles) !== undefined) {
    throw new ModelError("its numbers lie in other files, which are not opened");
  }
  if (position(messageTypes.filters) !== undefined) {
    throw new ModelError("its numbers go through a filter, such as compression, which is not read");
  }
  const datatype = datatypeAt(file, type);
  if (datatype.kind !== "number") {
    // NumPy has no bfloat16; Keras stores its bytes as they are and names the type beside them.
    const stated = attributes.get("dtype")?.[0];
    const held = stated ? `${stated} numbers` : datatype.kind === "other" ? datatype.name : "text";
    const advice = held.includes("bfloat16") ? `. ${precisionAdvice}` : "";
    throw new ModelError(`it holds ${held}, which are not read${advice}`);
  }
  const shape = shapeAt(file, space) ?? [0];
  const byteLength = countOf(shape) * datatype.size;
  const start = contiguousStart(file, layout, byteLength);
  return { dtype: datatype.dtype, shape, start, byteLength };
}

function contiguousStart(file: FileBytes, layout: number, byteLength: number): number {
  const version = file.u8(layout);
  if (version < 1 || version > 5) throw damaged(`a layout of version ${version} at byte ${layout}`);
  const kind = file.u8(layout + (version < 3 ? 2 : 1));
  if (kind !== 1) {
    const name = ["compact", "contiguous", "chunked", "virtual"][kind] ?? `class ${kind}`;
    throw new ModelError(
      `its storage is ${name}; only contiguous storage is read, which is what Keras writes`,
    );
  }
  const addressAt = layout + (version < 3 ? 8 : 2);
  const start = file.address(addressAt);
  if (start === undefined) {
    if (byteLength > 0) throw new ModelError("its numbers were never written");
    return 0;
  }
  if (version >= 3 && file.u64(addressAt + 8) < byteLength) {
    throw damaged(`it stores ${file.u64(addressAt + 8)} bytes where its shape needs ${byteLength}`);
  }
  file.slice(start, byteLength);
  return start;
}
