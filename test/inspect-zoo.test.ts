/** `inspect` keeps what it promises: its totals are PyTorch's, and its step runs where `fit` runs. */
import { describe, expect, test } from "vitest";
import { inspectTensors, loadClassifier } from "../src/api/index.ts";
import { sizeOf } from "../src/tensor/index.ts";
import { checkTriedSteps } from "./tried-steps.ts";
import { type ZooRow, pathOf, zooRows, zooShare } from "./zoo-case.ts";

const rows = zooRows();
const named = (some: readonly ZooRow[]) => some.map((row) => [row.form.file, row] as const);
const keepsNames = ({ form }: ZooRow) => ["plain", "training", "dynamo-plain"].includes(form.kind);

/** Parameters of the module that the logits are not computed from: not counted, by net. */
const leftOut: Readonly<Record<string, RegExp>> = {
  "two-outputs": /^projection\./,
  "unused-heads": /^(auxiliary\.|forgotten$)/,
  "tv-googlenet": /^aux1\./,
};

/** Buffers that look like parameters in a file without lists: counted, and named in a note or (*) undecidable. */
const buffers: Readonly<Record<string, number>> = {
  "cosine-attention-plain-opset17.onnx": 512,
  "fixed-positions-plain-opset17.onnx": 192,
  "logit-prior-plain-opset17.onnx": 5,
  "random-features-plain-opset17.onnx": 208, // *
  "rotary-plain-opset17.onnx": 256,
  "tv-swin-v2-plain-opset17.onnx": 196,
};

describe("totals are PyTorch's sum(p.numel())", () => {
  test.each(named(rows.filter(keepsNames)))("%s", async (file, { net, form }) => {
    const { tensors } = inspectTensors(await loadClassifier(pathOf(form)), { shape: net.image });
    const total = (some: readonly { readonly shape: readonly number[] }[]) =>
      some.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const unread = net.parameters.filter(({ name }) => leftOut[net.net]?.test(name));
    expect(total(tensors.filter(({ kind }) => kind === "parameter"))).toBe(
      net.numbers - total(unread) + (buffers[file] ?? 0),
    );
  });
});

checkTriedSteps(zooShare("usual"));
