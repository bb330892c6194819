import { ModelError } from "../../../onnx/index.ts";
import { denseObjects } from "./dense-storage.ts";
import { type FileBytes, damaged, textUpToZero } from "./file-bytes.ts";
import { type Message, messageTypes } from "./object-header.ts";

/** A name in a group: an object of this file, or a link that is not followed (`address` undefined, `kind` says which). */
export interface Link {
  readonly name: string;
  readonly address: number | undefined;
  readonly kind: "hard" | "soft" | "external" | "unknown";
}

/** Keras' own names have some tens of letters. */
const longestName = 1024;

/** The links of a group, by its object header's messages: a symbol table, link messages, or a dense heap of these. */
export function linksOf(file: FileBytes, messages: readonly Message[]): Link[] {
  const links: Link[] = [];
  for (const { type, at, length } of messages) {
    if (type === messageTypes.symbolTable) links.push(...symbolTable(file, at));
    if (type === messageTypes.link) links.push(linkMessage(file, at, at + length));
    if (type === messageTypes.linkInfo) {
      // Version and flags, then the highest creation index where they are counted.
      const heap = at + 2 + (file.u8(at + 1) & 1 ? 8 : 0);
      for (const { start, end } of denseObjects(file, { heapAt: heap, indexAt: heap + 8, recordType: 5 })) {
        links.push(linkMessage(file, start, end));
      }
    }
  }
  const names = new Set<string>();
  for (const { name } of links) {
    if (name === "" || name === "." || name.includes("/"))
      throw damaged(`a link named ${JSON.stringify(name)}`);
    if (names.has(name)) throw damaged(`two links named ${JSON.stringify(name)}`);
    names.add(name);
  }
  return links;
}

/** Section III.A.1, III.B and III.D: a tree whose leaves list names in a heap and addresses. */
function symbolTable(file: FileBytes, at: number): Link[] {
  const [tree, heap] = [file.address(at), file.address(at + 8)];
  if (tree === undefined || heap === undefined) throw damaged("a group without its list of names");
  file.structure(heap, 32, "HEAP");
  const names = { at: file.u64(heap + 24), length: file.u64(heap + 8) };
  file.structure(names.at, names.length);
  const links: Link[] = [];
  for (const leaf of leavesOf(file, tree)) {
    const count = file.u16(leaf + 6);
    file.structure(leaf, 8 + 40 * count, "SNOD");
    for (let entry = leaf + 8; entry < leaf + 8 + 40 * count; entry += 40) {
      const offset = file.u64(entry);
      if (offset >= names.length) throw damaged(`a name at ${offset} of a heap of ${names.length} bytes`);
      const room = Math.min(names.length - offset, longestName);
      const name = textUpToZero(file.slice(names.at + offset, room));
      const isSoft = file.u32(entry + 16) === 2;
      links.push({
        name,
        address: isSoft ? undefined : file.address(entry + 8),
        kind: isSoft ? "soft" : "hard",
      });
    }
  }
  return links;
}

/** Addresses of the symbol table nodes under a version 1 tree. */
function leavesOf(file: FileBytes, root: number): number[] {
  const leaves: number[] = [];
  const seen = new Set<number>();
  const waiting: { address: number; level: number | undefined }[] = [{ address: root, level: undefined }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { address } = next;
    const [kind, level, count] = [file.u8(address + 4), file.u8(address + 5), file.u16(address + 6)];
    file.structure(address, 24 + 16 * count + 8, "TREE");
    if (kind !== 0 || (next.level !== undefined && level !== next.level)) {
      throw damaged(`a tree node of type ${kind} and level ${level} at byte ${address}`);
    }
    // Children lie between keys; the last is taken first, so that names come in the tree's order.
    for (let child = count - 1; child >= 0; child--) {
      const below = file.u64(address + 32 + 16 * child);
      if (seen.has(below)) throw damaged(`two tree nodes lead to byte ${below}`);
      seen.add(below);
      if (level === 0) leaves.push(below);
      else waiting.push({ address: below, level: level - 1 });
    }
  }
  return leaves;
}

/** Section IV.A.2.g. */
function linkMessage(file: FileBytes, start: number, end: number): Link {
  const flags = file.u8(start + 1);
  let at = start + 2;
  const type = flags & 8 ? file.u8(at++) : 0;
  if (flags & 4) at += 8;
  if (flags & 16) at += 1;
  const lengthBytes = 1 << (flags & 3);
  const length = file.unsigned(at, lengthBytes);
  at += lengthBytes;
  if (length > longestName || at + length > end) throw damaged(`a name of ${length} bytes at byte ${at}`);
  const name = new TextDecoder().decode(file.slice(at, length));
  if (type === 0) return { name, address: file.address(at + length), kind: "hard" };
  return { name, address: undefined, kind: type === 1 ? "soft" : type === 64 ? "external" : "unknown" };
}

/** The address that a link leads to. */
export function followed({ address, kind }: Link, path: string): number {
  if (kind !== "hard") {
    throw new ModelError(
      `"${path}" is ${kind === "unknown" ? "a link of a user's kind" : `a ${kind} link`.replace("a ext", "an ext")}, which is not followed`,
    );
  }
  if (address === undefined) throw damaged(`"${path}" leads nowhere`);
  return address;
}
