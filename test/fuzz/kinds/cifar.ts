/** CIFAR-10's binary batches. */
import { editBytes } from "../edit-bytes.ts";
import type { Kind } from "../kind.ts";
import { pick } from "../plan.ts";
import { dataRoad } from "../road.ts";

const names = [
  "data_batch_1.bin",
  "data_batch_2.bin",
  "data_batch_3.bin",
  "data_batch_4.bin",
  "data_batch_5.bin",
  "test_batch.bin",
];
const record = (label: number) =>
  Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : (31 * i + label) % 256));

export const cifar: Kind = {
  share: 3,
  bases: 1,
  damage({ layer, edits }) {
    const hit = pick(names, layer);
    const whole = names.map((name, i) => [name, record(i)] as const);
    return {
      files: new Map(whole.map(([name, bytes]) => [name, name === hit ? editBytes(bytes, edits) : bytes])),
    };
  },
  walk: (walk) => dataRoad(walk),
};
