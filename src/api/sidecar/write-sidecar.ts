/** A model's file and the one that says what it takes to run it, written together. */
import { basename, dirname, join } from "node:path";
import { stat } from "node:fs/promises";
import { writeTogether, writeWhole } from "../../artifacts/index.ts";
import type { Classifier } from "../../models/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { jsonBeside } from "../json-beside.ts";
import type { SidecarForm, TrainingRecord } from "./describe.ts";
import { sidecarFile } from "./make-sidecar.ts";
import { isOurs } from "./read-sidecar.ts";
import { sidecarName } from "./sidecar-name.ts";

/**
 * Writes the file of a model and its `classifier.json`, both or neither; to a pipe or a device the model alone.
 *
 * @throws UsageError where another program's file has that name; WriteError
 */
export async function writeWithSidecar(
  path: string,
  bytes: Uint8Array,
  classifier: Classifier,
  { form = "onnx", ...record }: TrainingRecord & { readonly form?: SidecarForm } = {},
): Promise<void> {
  const name = basename(path);
  const there = await stat(path).catch(() => null);
  const folder = await stat(dirname(path)).catch(() => null);
  // Where there is no folder, which may be a slip of the pen, or no file, the writer of one file says so.
  if (!folder || (there && !there.isFile())) return writeWhole(path, bytes);
  const [sidecar, text] = sidecarFile(classifier, new Map([[name, bytes]]), record, form);
  await checkSidecarPlace(join(dirname(path), sidecar));
  await writeTogether(
    dirname(path),
    new Map<string, string | Uint8Array>([
      [name, bytes],
      [sidecar, text],
    ]),
  );
}

/** @throws UsageError where another program's file is in the sidecar's place */
export async function checkSidecarPlace(path: string): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (!there?.isFile() || there.size === 0) return;
  const json = await jsonBeside(path).catch(() => undefined);
  if (isOurs(json)) return;
  throw new UsageError(
    `${path} is a file of another program, and what this model takes is to be written there. Move it away, or save the model under ` +
      `another name or in another folder.`,
  );
}

/** The files of a TensorFlow.js folder, with the sidecar before model.json, which goes last. */
export async function layersWithSidecar(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  classifier: Classifier,
  record: TrainingRecord = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  await checkSidecarPlace(join(folder, sidecarName("model.json")));
  const parts = new Map([...files].filter(([name]) => name !== "metadata.json"));
  const ordered = new Map(
    [...parts].sort(([a], [b]) => Number(b === "model.json") - Number(a === "model.json")),
  );
  const [name, text] = sidecarFile(classifier, ordered, record, "layers");
  return new Map([[name, new TextEncoder().encode(text)], ...files]);
}
