/** Relations: what may be changed about a model, its file or the call without changing a score. */
import { readFileSync } from "node:fs";
import { type EvaluateOptions } from "../src/api/index.ts";
import { type Dataset, datasetFromArrays } from "../src/data/index.ts";
import { type Model, readModel, writeModel } from "../src/onnx/index.ts";
import { endings, withClassNames, withConstants, withEnding, withOtherNames } from "./model-rewrites.ts";
import { inOtherOrder } from "./scores-case.ts";
import { type ZooFile, type ZooNet, pathOf, referenceOf } from "./zoo-case.ts";

/** A call of `evaluate`. */
export interface Testing {
  readonly model: Uint8Array;
  readonly data: Dataset;
  readonly options?: EvaluateOptions;
}

export type Relation = (model: Model, data: Dataset) => Testing;

const ORDER = [3, 0, 4, 1, 2];
const named = (model: Model, { classNames }: Dataset): Uint8Array =>
  writeModel(withClassNames(model, classNames));
const renamed = (name: string): string => `class ${"edcba"[Number(name)]}`;

/** By what is changed. */
export const relations: Readonly<Record<string, Relation>> = {
  "one image a batch": (model, data) => ({ model: writeModel(model), data, options: { batchSize: 1 } }),
  "four images a batch": (model, data) => ({ model: writeModel(model), data, options: { batchSize: 4 } }),
  "weights as Constant nodes": (model, data) => ({ model: writeModel(withConstants(model)), data }),
  "tensors renamed": (model, data) => ({ model: writeModel(withOtherNames(model)), data }),
  "class names that agree": (model, data) => ({ model: named(model, data), data }),
  "class folders in another order": (model, data) => ({
    model: named(model, data),
    data: inOtherOrder(data, ORDER),
  }),
  "classes renamed in the model and the data": (model, data) => ({
    model: writeModel(withClassNames(model, data.classNames.map(renamed))),
    data: inOtherOrder(data, [4, 3, 2, 1, 0], renamed),
  }),
  ...Object.fromEntries(
    Object.entries(endings).map(([name, steps]): [string, Relation] => [
      `${name} at the end`,
      (model, data) => ({ model: writeModel(withEnding(model, steps)), data }),
    ]),
  ),
};

/** A net's file that the relations start from, and images labelled as it classifies them. */
export interface Start {
  readonly net: ZooNet;
  readonly form: ZooFile;
  readonly model: Model;
  readonly data: Dataset;
}

/** Labels that the net gives, but for the last image's: scores that a wrong order of classes would change. */
export function startOf(net: ZooNet, form: ZooFile): Start {
  const { data, logits } = referenceOf({ net, form });
  const labels = Array.from(data.labels, (_, i) => {
    const row = logits.slice(i * net.classes, (i + 1) * net.classes);
    return row.indexOf(Math.max(...row));
  });
  labels[labels.length - 1] = (labels[labels.length - 1] + 1) % net.classes;
  const labelled = datasetFromArrays({ ...data, labels });
  return { net, form, model: readModel(readFileSync(pathOf(form)), form.file), data: labelled };
}

/** The first file of a net that can be tested at any batch size and rewritten. */
export function startForm({ files }: ZooNet): ZooFile | undefined {
  const dynamic = files.filter(({ batch }) => batch === null);
  return dynamic.find(({ kind, opset }) => kind === "plain" && opset >= 13) ?? dynamic[0];
}
