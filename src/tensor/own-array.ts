const classes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
} as const;

/**
 * A typed array of another realm as one of ours over the same memory; anything else as it is.
 *
 * Test runners such as Jest give their tests globals of their own: a Float32Array that is made there is not an instance of
 * Node's, and what asks for `instanceof` refuses it.
 */
export function ownArray<Value>(value: Value): Value {
  if (!ArrayBuffer.isView(value)) return value;
  // The getter of the class's tag tells the true class in every realm.
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (!Object.hasOwn(classes, name)) return value;
  const Own = classes[name as keyof typeof classes];
  if (value instanceof Own) return value;
  const { buffer, byteOffset, length } = value as unknown as Float32Array<ArrayBuffer>;
  return new Own(buffer, byteOffset, length) as Value;
}
