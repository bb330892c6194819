import { expect, test } from "vitest";
import { type Tensor, float32, int64, tensor } from "../tensor/index.ts";
import { writeSafetensors } from "./safetensors.ts";

test("the header tells type, shape and place of each tensor; the data begin at a multiple of eight bytes", () => {
  const tensors = new Map<string, Tensor>([
    ["a.weight", float32([2, 1], [1.5, -2])],
    ["steps", int64([7])],
    ["flag", tensor("bool", [1], Uint8Array.of(1))],
  ]);
  const bytes = writeSafetensors(tensors);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as unknown;
  expect(header).toEqual({
    __metadata__: { format: "pt" },
    "a.weight": { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] },
    steps: { dtype: "I64", shape: [1], data_offsets: [8, 16] },
    flag: { dtype: "BOOL", shape: [1], data_offsets: [16, 17] },
  });
  const data = bytes.slice(8 + length);
  expect(data).toHaveLength(17);
  expect(Array.from(new Float32Array(data.buffer, 0, 2))).toEqual([1.5, -2]);
  expect(new BigInt64Array(data.buffer, 8, 1)[0]).toBe(7n);
  expect(data[16]).toBe(1);
});
