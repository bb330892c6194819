/** MNIST's own files, plain or gzipped; damaged before or after they are compressed. */
import { gzipSync } from "node:zlib";
import { editBytes } from "../edit-bytes.ts";
import type { Damaged, Kind } from "../kind.ts";
import { type Plan, pick } from "../plan.ts";
import { dataRoad } from "../road.ts";

const IMAGES = 6;

function idx(shape: readonly number[], element: (i: number) => number): Uint8Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + size);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, i) => view.setUint32(4 + 4 * i, length));
  for (let i = 0; i < size; i++) bytes[4 + 4 * shape.length + i] = element(i);
  return bytes;
}

const layouts: readonly ReadonlyMap<string, Uint8Array>[] = [
  [IMAGES, 8, 8],
  [IMAGES, 6, 5, 3],
].map(
  (shape) =>
    new Map([
      [`train-images-idx${shape.length}-ubyte`, idx(shape, (i) => (37 * i) % 256)],
      ["train-labels-idx1-ubyte", idx([IMAGES], (i) => i % 3)],
      [`t10k-images-idx${shape.length}-ubyte`, idx(shape, (i) => (91 * i) % 256)],
      ["t10k-labels-idx1-ubyte", idx([IMAGES], (i) => i % 3)],
    ]),
);

function damage({ base, layer, edits }: Plan, isPacked: boolean): Damaged {
  const files = new Map<string, Uint8Array>();
  const layout = pick(layouts, base);
  const hit = pick([...layout.keys()], layer);
  const isInside = Math.floor(layer / 4) % 2 === 0;
  for (const [name, bytes] of layout) {
    const list = name === hit ? edits : [];
    const content = isInside ? editBytes(bytes, list) : bytes;
    if (!isPacked) files.set(name, editBytes(bytes, list));
    else {
      const packed = new Uint8Array(gzipSync(content));
      files.set(`${name}.gz`, isInside ? packed : editBytes(packed, list));
    }
  }
  return { files };
}

const kindOf = (isPacked: boolean): Kind => ({
  share: 4,
  bases: layouts.length,
  damage: (plan) => damage(plan, isPacked),
  walk: (walk) => dataRoad(walk),
});

export const plainIdx = kindOf(false);
export const gzippedIdx = kindOf(true);
