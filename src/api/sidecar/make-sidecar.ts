/** What a model's ONNX metadata say, as JSON beside it: JavaScript cannot read the metadata through ONNX Runtime. */
import { toJson } from "../../artifacts/index.ts";
import type { Classifier } from "../../models/index.ts";
import { contentHash } from "../manifest.ts";
import { type SidecarForm, type TrainingRecord, describeClassifier } from "./describe.ts";
import type { Sidecar } from "./schema.ts";
import { sidecarName } from "./sidecar-name.ts";

/**
 * All that it takes to run a classifier: docs/metadata.md says what each member means.
 *
 * @param files  the model's, by name, the main one first: it is known again by their hashes
 */
export function sidecarOf(
  classifier: Classifier,
  files: ReadonlyMap<string, Uint8Array>,
  record?: TrainingRecord,
  form?: SidecarForm,
): Sidecar {
  const { schema, version, ...described } = describeClassifier(classifier, record, form);
  const [model] = files.keys();
  const hashes = Object.fromEntries([...files].map(([name, bytes]) => [name, contentHash(bytes)]));
  return { schema, version, model, files: hashes, ...described };
}

/** The file of a model's files, by its name. */
export const sidecarFile = (
  classifier: Classifier,
  files: ReadonlyMap<string, Uint8Array>,
  record?: TrainingRecord,
  form?: SidecarForm,
): readonly [name: string, text: string] => [
  sidecarName([...files.keys()][0]),
  toJson(sidecarOf(classifier, files, record, form)),
];
