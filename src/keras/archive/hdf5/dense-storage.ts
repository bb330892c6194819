/**
 * Links and attributes of objects that have more than a few, in the file format of HDF5 1.8 and later: a tree of records
 * (section III.A.2) that point into a heap (section III.G).
 */
import { ModelError } from "../../../onnx/index.ts";
import { type FileBytes, type Range, damaged } from "./file-bytes.ts";

/**
 * Where each object of a dense heap lies in the file, in the order of the index. None where there is no heap.
 *
 * @param heapAt      position of the heap's address
 * @param indexAt     position of the address of its index by name
 * @param recordType  5: links, a hash before the heap id; 8: attributes, the heap id first
 */
export function denseObjects(
  file: FileBytes,
  { heapAt, indexAt, recordType }: { heapAt: number; indexAt: number; recordType: 5 | 8 },
): Range[] {
  const [heapAddress, index] = [file.address(heapAt), file.address(indexAt)];
  if (heapAddress === undefined || index === undefined) return [];
  const heap = fractalHeap(file, heapAddress);
  const idAt = recordType === 5 ? 4 : 0;
  return recordsOf(file, index, recordType).map((record) => heap(record + idAt));
}

/** Positions of the records of a version 2 tree, in order. */
function recordsOf(file: FileBytes, address: number, recordType: number): number[] {
  file.structure(address, 38, "BTHD");
  const [nodeSize, recordSize, depth] = [
    file.u32(address + 6),
    file.u16(address + 10),
    file.u16(address + 12),
  ];
  if (file.u8(address + 5) !== recordType || recordSize < 8 || depth > 16) {
    throw damaged(`an index of type ${file.u8(address + 5)} and depth ${depth} at byte ${address}`);
  }
  const pointers = pointerSizes(nodeSize, recordSize, depth);
  const records: number[] = [];
  const seen = new Set<number>();
  const read = (node: number | undefined, count: number, level: number): void => {
    if (node === undefined || seen.has(node))
      throw damaged(`two ways to one node of an index, or one to nowhere`);
    seen.add(node);
    const { counted, pointer } = pointers[level];
    const length = 6 + count * recordSize + (level > 0 ? (count + 1) * pointer : 0);
    if (length > nodeSize) throw damaged(`${count} records in a node of ${nodeSize} bytes at byte ${node}`);
    file.structure(node, length, level > 0 ? "BTIN" : "BTLF");
    for (let index = 0; index <= count; index++) {
      if (level > 0) {
        const at = node + 6 + count * recordSize + index * pointer;
        read(file.address(at), file.unsigned(at + 8, counted), level - 1);
      }
      if (index < count) records.push(node + 6 + index * recordSize);
    }
  };
  const [root, count] = [file.address(address + 16), file.u16(address + 24)];
  if (root !== undefined) read(root, count, depth);
  return records;
}

/** Bytes of a node's pointer to a child, and of the number of records in it, by the node's level. */
function pointerSizes(nodeSize: number, recordSize: number, depth: number) {
  const bytesFor = (most: number): number => Math.floor(Math.log2(Math.max(1, most)) / 8) + 1;
  const inLeaf = Math.floor((nodeSize - 10) / recordSize);
  const counted = bytesFor(inLeaf);
  const sizes = [{ counted: 0, pointer: 0 }];
  let below = inLeaf;
  for (let level = 1; level <= depth; level++) {
    // From the second level on, a pointer counts all records below it, too.
    const pointer = 8 + counted + (level > 1 ? Math.min(8, bytesFor(below)) : 0);
    sizes.push({ counted, pointer });
    const inNode = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    below = (inNode + 1) * below + inNode;
  }
  return sizes;
}

/** Finds an object of a fractal heap by its id, whose first byte is at `id`. */
function fractalHeap(file: FileBytes, address: number): (id: number) => Range {
  file.structure(address, 146, "FRHP");
  if (file.u16(address + 7) > 0)
    throw new ModelError("a heap of names goes through a filter, which is not read");
  const width = file.u16(address + 110);
  const [firstSize, mostDirect] = [file.u64(address + 112), file.u64(address + 120)];
  const bits = file.u16(address + 128);
  const [root, rows] = [file.address(address + 132), file.u16(address + 140)];
  if (root === undefined || width === 0 || !isPower(firstSize) || !isPower(mostDirect) || bits > 64) {
    throw damaged(`a heap without blocks at byte ${address}`);
  }
  const offsetBytes = Math.ceil(bits / 8);
  const lengthBytes = Math.min(
    Math.ceil(Math.log2(mostDirect) / 8),
    Math.floor(Math.log2(Math.max(1, file.u32(address + 10))) / 8) + 1,
  );
  const directRows = Math.log2(mostDirect) - Math.log2(firstSize) + 2;
  const sizeOfRow = (row: number): number => firstSize * 2 ** Math.max(0, row - 1);
  const seen = new Set<number>();

  /** The block of a heap offset: rows of `width` blocks, which double in size from the second row on. */
  const blockOf = (offset: number): { block: number; within: number; size: number } => {
    let [block, within, count] = [root, offset, rows];
    if (rows === 0) return { block, within, size: firstSize };
    for (let depth = 0; depth < 16; depth++) {
      if (!seen.has(block)) file.structure(block, 5 + 8 + offsetBytes + 8 * width * count, "FHIB");
      seen.add(block);
      let row = 0;
      while (row < count && within >= width * sizeOfRow(row)) within -= width * sizeOfRow(row++);
      if (row >= count) throw damaged(`the heap offset ${offset} is in no block`);
      const column = Math.floor(within / sizeOfRow(row));
      within -= column * sizeOfRow(row);
      const child = file.address(block + 13 + offsetBytes + 8 * (row * width + column));
      if (child === undefined)
        throw damaged(`the heap offset ${offset} is in a block that was never written`);
      block = child;
      if (row < directRows) return { block, within, size: sizeOfRow(row) };
      count = Math.log2(sizeOfRow(row)) - Math.log2(firstSize * width) + 1;
    }
    throw damaged("a heap of more than 16 levels");
  };

  return (id) => {
    const kind = (file.u8(id) >> 4) & 3;
    if (kind !== 0)
      throw new ModelError("a name or an attribute is too long to lie in its heap, which is not read");
    const { block, within, size } = blockOf(file.unsigned(id + 1, offsetBytes));
    const length = file.unsigned(id + 1 + offsetBytes, lengthBytes);
    if (!seen.has(block)) file.structure(block, size, "FHDB");
    seen.add(block);
    if (within + length > size) throw damaged(`an object leaves its block at byte ${block}`);
    return { start: block + within, end: block + within + length };
  };
}

const isPower = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));
