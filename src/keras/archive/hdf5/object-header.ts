import { ModelError } from "../../../onnx/index.ts";
import { type FileBytes, damaged } from "./file-bytes.ts";

/** A message of an object header: what an object is, a piece at a time. */
export interface Message {
  readonly type: number;
  /** First byte of its data, and their number. */
  readonly at: number;
  readonly length: number;
}

/** Message types (specification 3.0, section IV.A.2), as far as they matter here. */
export const messageTypes = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const known = new Set<number>(Object.values(messageTypes));

/**
 * The messages of the object header at `address` (section IV.A.1; versions 1 and 2), in the file's order. Types that
 * do not matter here are left out.
 */
export function messagesOf(file: FileBytes, address: number): Message[] {
  return file.u8(address) === 1 ? oldMessages(file, address) : newMessages(file, address);
}

function oldMessages(file: FileBytes, address: number): Message[] {
  file.structure(address, 16);
  let left = file.u16(address + 2);
  const messages: Message[] = [];
  const blocks = new Blocks({ start: address + 16, length: file.u32(address + 8) });
  for (const { start, length } of blocks) {
    file.structure(start, length);
    const end = start + length;
    for (let at = start; at + 8 <= end && left > 0; left--) {
      const message = { type: file.u16(at), at: at + 8, length: file.u16(at + 2) };
      addMessage(file, message, { end, flags: file.u8(at + 4), blocks, messages });
      at = message.at + message.length;
    }
  }
  return messages;
}

function newMessages(file: FileBytes, address: number): Message[] {
  file.structure(address, 6, "OHDR");
  const version = file.u8(address + 4);
  if (version !== 2) throw damaged(`an object header of version ${version} at byte ${address}`);
  const flags = file.u8(address + 5);
  // Four times and two numbers about attributes, where the flags say so.
  const sizeAt = address + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const first = { start: sizeAt + sizeBytes, length: file.unsigned(sizeAt, sizeBytes) };
  const headLength = flags & 4 ? 6 : 4;
  const messages: Message[] = [];
  const blocks = new Blocks(first);
  let isFirst = true;
  for (const { start, length } of blocks) {
    // A later block has a signature in front and a checksum behind; the first one's size counts neither.
    file.structure(start, length, isFirst ? "" : "OCHK");
    const end = isFirst ? start + length : start + length - 4;
    for (let at = isFirst ? start : start + 4; at + headLength <= end;) {
      const message = { type: file.u8(at), at: at + headLength, length: file.u16(at + 1) };
      addMessage(file, message, { end, flags: file.u8(at + 3), blocks, messages });
      at = message.at + message.length;
    }
    isFirst = false;
  }
  return messages;
}

function addMessage(
  file: FileBytes,
  message: Message,
  { end, flags, blocks, messages }: { end: number; flags: number; blocks: Blocks; messages: Message[] },
): void {
  if (message.at + message.length > end) throw damaged(`a message at byte ${message.at} leaves its block`);
  if (!known.has(message.type)) return;
  if (message.type === messageTypes.continuation) {
    const start = file.address(message.at);
    if (start === undefined) throw damaged(`a continuation to nowhere at byte ${message.at}`);
    blocks.add({ start, length: file.u64(message.at + 8) });
    return;
  }
  if (flags & 2) throw new ModelError(`it shares a type or a shape with other objects, which is not read`);
  messages.push(message);
}

/** Blocks of one object header, each once, those that are added meanwhile included. */
class Blocks {
  readonly #blocks: { start: number; length: number }[];

  constructor(first: { start: number; length: number }) {
    this.#blocks = [first];
  }

  add(block: { start: number; length: number }): void {
    if (this.#blocks.some(({ start }) => start === block.start)) {
      throw damaged(`the block at byte ${block.start} continues itself`);
    }
    if (this.#blocks.length > 1000) throw damaged(`an object header of more than 1000 blocks`);
    this.#blocks.push(block);
  }

  *[Symbol.iterator](): Generator<{ start: number; length: number }> {
    for (let index = 0; index < this.#blocks.length; index++) yield this.#blocks[index];
  }
}
