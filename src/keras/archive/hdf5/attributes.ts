import { datatypeAt, countOf, shapeAt } from "./datatype.ts";
import { denseObjects } from "./dense-storage.ts";
import { type FileBytes, type Range, damaged, textUpToZero } from "./file-bytes.ts";
import type { HeapTexts } from "./global-heap.ts";
import { type Message, messageTypes } from "./object-header.ts";

/**
 * The text attributes of an object, each as its elements (one for a scalar). Attributes of other types are left out:
 * none of Keras' own that matters here has one.
 */
export function textAttributes(
  file: FileBytes,
  messages: readonly Message[],
  heaps: HeapTexts,
): Map<string, readonly string[]> {
  const attributes = new Map<string, readonly string[]>();
  for (const range of attributeRanges(file, messages)) {
    const attribute = textAttribute(file, range, heaps);
    if (attribute) attributes.set(attribute.name, attribute.texts);
  }
  return attributes;
}

function attributeRanges(file: FileBytes, messages: readonly Message[]): Range[] {
  return messages.flatMap(({ type, at, length }): Range[] => {
    if (type === messageTypes.attribute) return [{ start: at, end: at + length }];
    if (type !== messageTypes.attributeInfo) return [];
    const heapAt = at + 2 + (file.u8(at + 1) & 1 ? 2 : 0);
    return denseObjects(file, { heapAt, indexAt: heapAt + 8, recordType: 8 });
  });
}

/** Section IV.A.2.m, versions 1 to 3. */
function textAttribute(
  file: FileBytes,
  { start, end }: Range,
  heaps: HeapTexts,
): { name: string; texts: readonly string[] } | undefined {
  const version = file.u8(start);
  if (version < 1 || version > 3) throw damaged(`an attribute of version ${version} at byte ${start}`);
  // Version 1 fills its parts up to eight bytes; later ones may share type and shape with other objects.
  if (version > 1 && file.u8(start + 1) !== 0) return undefined;
  const padded = (length: number): number => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const nameAt = start + (version === 3 ? 9 : 8);
  const nameLength = file.u16(start + 2);
  const typeAt = nameAt + padded(nameLength);
  const shapeStart = typeAt + padded(file.u16(start + 4));
  const dataAt = shapeStart + padded(file.u16(start + 6));
  const name = textUpToZero(file.slice(nameAt, nameLength));
  const type = datatypeAt(file, typeAt);
  if (type.kind !== "text" && type.kind !== "heap text") return undefined;
  const shape = shapeAt(file, shapeStart);
  const count = shape ? countOf(shape) : 0;
  if (dataAt + count * type.size > end)
    throw damaged(`the attribute ${JSON.stringify(name)} leaves its place`);
  const texts = Array.from({ length: count }, (_, index) => {
    const at = dataAt + index * type.size;
    return type.kind === "text" ? textUpToZero(file.slice(at, type.size)) : heaps.textAt(at);
  });
  return { name, texts };
}
