/** What is checked of a zoo's net in one form: zoo.test.ts and zoo.long.test.ts share the forms between them. */
import { describe, expect, test } from "vitest";
import { type FitOptions, type FitResult, weightsFile } from "../src/api/index.ts";
import { AlignregError } from "../src/tensor/index.ts";
import {
  type ZooRow,
  computedIn,
  differences,
  referenceOf,
  rwaStep,
  tensorErrors,
  tensorsOf,
  threeSteps,
  trainedInPyTorch,
  undecidable,
} from "./zoo-case.ts";
import { refusedForms } from "./zoo-refused.ts";

/** Files of the older exporter that found nothing to fold: PyTorch loads their weights (scripts/check-zoo.ts). */
const complete = new Set(
  ["blur-pool", "layer-norm", "plain-convnet", "tied-weights", "two-outputs", "instance-norm"]
    .concat("standardized-kernel")
    .map((net) => `${net}-folded-opset17.onnx`),
);

/** Nets of which the newer exporter's optimizer computes weights, or folds BatchNormalization into them. */
const computed =
  /^(untrained-)?(batch-norm|cosine|encoder-layer|gated-scalars|inception|pre-activation|scaled|spectral|squeeze|temperature|tv-(mobile|resnet|shuffle)|timm-(eva|nfnet|vit-registers)|weight-norm)/;

/** The tests of these files. */
export function checkRows(rows: readonly ZooRow[]): void {
  const named = (row: ZooRow) => [row.form.file.replace(/\.onnx$/, ""), row] as const;
  const trainable = rows.filter(({ form }) => !refusedForms.has(form.file)).map(named);
  const withRwa = trainable.filter(([, row]) => referenceOf(row).rwaChanges.size > 0);

  describe.each(trainable)("%s", (_, row) => {
    let run: Promise<FitResult> | undefined;
    /** Trained when the first test asks for it. */
    const result = () => (run ??= threeSteps(row, referenceOf(row).data));

    test("trains what PyTorch trains, or says so", async () => {
      const { trained, notes } = await result();
      const { missing, extra } = differences(row, trained);
      const allowed = undecidable[row.form.file]?.names ?? [];
      const unsaid = (names: string[]) =>
        names.filter((name) => !allowed.includes(name) && !says(notes, name));
      expect({ missing: unsaid(missing), extra: unsaid(extra) }).toEqual({ missing: [], extra: [] });
      const computed = computedIn(row);
      if (computed.length > 0) expect(computed.filter((name) => says(notes, name))).not.toEqual([]);
    });

    test("three steps give PyTorch's weights and statistics", async () => {
      const fitted = await result();
      expect(wrong(row, await asInPyTorch(row, fitted, threeSteps), "changes")).toEqual([]);
    });

    test("weights.safetensors holds the module's tensors that the file has", async () => {
      const { parameters, buffers } = row.net;
      const ours = [...parameters, ...buffers.filter(({ saved, floating }) => saved && floating)];
      const held = tensorsOf(row.form);
      const written = header(weightsFile((await result()).model));
      expect(ours.map(({ name }) => name).filter((name) => held.has(name) && !written.has(name))).toEqual([]);
    });

    test("weights.safetensors goes home, or says what was folded", async () => {
      const { form, net } = row;
      const { __metadata__: metadata, ...tensors } = headerOf(weightsFile((await result()).model));
      const own = [...net.parameters, ...net.buffers].map(({ name }) => name);
      const unknown = Object.keys(tensors).filter((name) => !own.includes(name) && !net.tied[name]);
      const folds =
        form.kind === "folded"
          ? !complete.has(form.file)
          : form.kind === "dynamo" && computed.test(form.file);
      expect({ folds: /alignreg\.(folded|computed)/.test(Object.keys(metadata).join()), unknown }).toEqual({
        folds,
        unknown: folds ? unknown : [],
      });
    });
  });

  describe.each(withRwa)("%s", (_, row) => {
    test("one rwa step gives PyTorch's weights", async () => {
      const fitted = await rwaStep(row, referenceOf(row).data);
      expect(wrong(row, await asInPyTorch(row, fitted, rwaStep), "rwaChanges")).toEqual([]);
    });
  });

  test.each(rows.filter(({ form }) => refusedForms.has(form.file)).map(named))(
    "%s cannot be trained, which is said",
    async (_, row) => {
      await expect(threeSteps(row, referenceOf(row).data)).rejects.toBeInstanceOf(AlignregError);
    },
  );
}

/** The result, or where something else trains by default (said above), one in which PyTorch's parameters train. */
function asInPyTorch(
  row: ZooRow,
  fitted: FitResult,
  again: (
    row: ZooRow,
    data: ReturnType<typeof referenceOf>["data"],
    options: FitOptions,
  ) => Promise<FitResult>,
): FitResult | Promise<FitResult> {
  const { missing, extra } = differences(row, fitted.trained);
  if (missing.length + extra.length === 0) return fitted;
  return again(row, referenceOf(row).data, { trainable: trainedInPyTorch(row) });
}

/** Tensors that differ from PyTorch's after the steps, unless a note names them. */
function wrong(row: ZooRow, fitted: FitResult, which: "changes" | "rwaChanges") {
  // Training goes another way where a computed tensor stands in its parameters' place.
  if (computedIn(row).length > 0 || row.form.file in undecidable) return [];
  return tensorErrors(row, referenceOf(row)[which], fitted).filter(
    ({ initializer, weight, change }) =>
      !(weight < 1e-4 && change < 1e-3) && !says(fitted.notes, initializer),
  );
}

/** Whether a note names a tensor, by itself or by a pattern of many, or the node of the older exporter that it belongs to. */
function says(notes: readonly string[], name: string): boolean {
  const node = `/${name.split(".").slice(0, -1).join("/")}/`;
  const pattern = name.replace(/(?<=^|[./_])\d+(?=$|[./_:])/g, "*");
  return notes.some((note) =>
    [name, pattern, ...(node.length > 2 ? [node] : [])].some((text) => note.includes(text)),
  );
}

/** Names in a safetensors file. */
const header = (bytes: Uint8Array): Set<string> => new Set(Object.keys(headerOf(bytes)));

type Header = Record<string, object> & { readonly __metadata__: Record<string, string> };

function headerOf(bytes: Uint8Array): Header {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
}
