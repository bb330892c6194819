import { describe, expect, test } from "vitest";
import { type FitResult, loadClassifier, weightsFile } from "../src/api/index.ts";
import { AlignregError } from "../src/tensor/index.ts";
import {
  type ZooRow,
  differences,
  pathOf,
  referenceOf,
  rwaStep,
  tensorErrors,
  tensorsOf,
  threeSteps,
  zooNets,
  zooRows,
} from "./zoo-case.ts";
import { refusedForms } from "./zoo-refused.ts";

const rows = zooRows();
const named = (row: ZooRow) => [row.form.file.replace(/\.onnx$/, ""), row] as const;
const trainable = rows.filter(({ form }) => !refusedForms.has(form.file));

test("sixty nets and more, in every form", () => {
  expect(zooNets().length).toBeGreaterThanOrEqual(60);
  for (const kind of ["plain", "training", "folded", "dynamo", "dynamo-plain"])
    expect(rows.filter(({ form }) => form.kind === kind).length, kind).toBeGreaterThan(3);
  for (const opset of [13, 17, 18, 20, 23])
    expect(
      rows.some(({ form }) => form.opset === opset),
      String(opset),
    ).toBe(true);
});

describe.each(trainable.map(named))("%s", (_, row) => {
  const reference = referenceOf(row);
  let run: Promise<FitResult> | undefined;
  /** Trained when the first test asks for it. */
  const result = () => (run ??= threeSteps(row, reference.data));

  test("trains what PyTorch trains, or says so", async () => {
    const { trained, notes } = await result();
    const { missing, extra } = differences(row, trained);
    const said = saidNames(notes);
    expect({
      missing: missing.filter((name) => !said(name)),
      extra: extra.filter((name) => !said(name)),
    }).toEqual({ missing: [], extra: [] });
  });

  test("three steps give PyTorch's weights and statistics", async () => {
    const fitted = await result();
    const { missing, extra } = differences(row, fitted.trained);
    const errors = tensorErrors(row, reference.changes, fitted);
    // What trains otherwise than in PyTorch is the test above.
    const compared = errors.filter(({ initializer }) => ![...missing, ...extra].includes(initializer));
    expect(
      compared.filter(({ weight, change }) => !(weight < 1e-4 && change < 1e-3)),
      JSON.stringify(compared.slice(0, 4)),
    ).toEqual([]);
  });

  test("weights.safetensors holds the module's tensors that the file has", async () => {
    const { model } = await result();
    const { parameters, buffers } = row.net;
    const ours = [...parameters, ...buffers.filter(({ saved, floating }) => saved && floating)];
    const held = tensorsOf(row.form);
    const written = header(weightsFile(model));
    expect(ours.map(({ name }) => name).filter((name) => held.has(name) && !written.has(name))).toEqual([]);
  });
});

describe.each(trainable.filter((row) => referenceOf(row).rwaChanges.size > 0).map(named))("%s", (_, row) => {
  test("one rwa step gives PyTorch's weights", async () => {
    const reference = referenceOf(row);
    const result = await rwaStep(row, reference.data);
    const { missing, extra } = differences(row, result.trained);
    const errors = tensorErrors(row, reference.rwaChanges, result);
    const compared = errors.filter(({ initializer }) => ![...missing, ...extra].includes(initializer));
    expect(
      compared.filter(({ weight, change }) => !(weight < 1e-4 && change < 1e-3)),
      JSON.stringify(compared.slice(0, 4)),
    ).toEqual([]);
  });
});

test.each(rows.filter(({ form }) => refusedForms.has(form.file)).map(named))(
  "%s cannot be trained yet, which is said",
  async (_, row) => {
    await expect(
      (async () => {
        await loadClassifier(pathOf(row.form));
        await threeSteps(row, referenceOf(row).data);
      })(),
    ).rejects.toBeInstanceOf(AlignregError);
  },
);

/** Whether a note names a tensor, on its own or by a pattern such as `layers.*.scale`. */
function saidNames(notes: readonly string[]): (name: string) => boolean {
  const words = new Set(
    notes.flatMap((note) => note.split(/[\s,()]+/)).map((word) => word.replace(/[.:]+$/, "")),
  );
  const pattern = (name: string) => name.replace(/(?<=^|[./_])\d+(?=$|[./_:])/g, "*");
  return (name) => words.has(name) || words.has(pattern(name));
}

/** Names in a safetensors file. */
function header(bytes: Uint8Array): Set<string> {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return new Set(Object.keys(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as object));
}
