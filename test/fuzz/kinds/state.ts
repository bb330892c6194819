/** Our own files, read back by the command that reads them: of a run, of a stopped one, of a study and its cells, and locks. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "onnx-buf";
import { lockText } from "../../../src/artifacts/lock-record.ts";
import { thisProcess } from "../../../src/artifacts/process-identity.ts";
import { planOf as planOfStudy } from "../../../src/study/plan.ts";
import { runCell } from "../../../src/study/run-cell.ts";
import { StudyData } from "../../../src/study/study-data.ts";
import { readStudy } from "../../../src/study/index.ts";
import { commandRoad } from "../command-road.ts";
import { editBytes } from "../edit-bytes.ts";
import { editJson, text } from "../edit-json.ts";
import { editText } from "../edit-text.ts";
import { editTree } from "../edit-tree.ts";
import type { Kind } from "../kind.ts";
import { type OurFiles, ourFiles, trainArguments } from "../our-files.ts";
import { type Edit, type Plan, pick } from "../plan.ts";
import { type Walk, stage } from "../road.ts";

interface Base {
  readonly files: keyof OurFiles;
  /** Of what may be damaged. */
  readonly isHit: RegExp;
  readonly walk: (walk: Walk, hit: string) => Promise<void>;
}

const command = (line: string) => (walk: Walk) => commandRoad(walk, line.split(" "));

const bases: readonly Base[] = [
  {
    files: "stopped",
    isHit: /checkpoint\.onnx$/,
    walk: (walk) => commandRoad(walk, [...trainArguments, "--resume"]),
  },
  {
    files: "stopped",
    isHit: /(options\.json|metrics\.jsonl)$/,
    walk: command("train --out run --resume"),
  },
  {
    files: "finished",
    isHit: /(manifest\.json|metrics\.jsonl|model\.onnx|safetensors)$/,
    walk: command("train --out run --resume"),
  },
  { files: "finished", isHit: /manifest\.json$|lock$/, walk: (walk) => overwrite(walk) },
  {
    files: "study",
    isHit: /\/(study|choices|contents|config|manifest|test-[^/]*|validation-[^/]*)\.json$|lock$/,
    walk: command("study status study"),
  },
  {
    files: "study",
    isHit: /\/(study|choices|config|manifest|test-[^/]*|validation-[^/]*)\.json$/,
    walk: command("study collect study --format latex"),
  },
  {
    files: "study",
    isHit: /\/(study|choices|contents|results)\.json$|study\.yaml$|lock$/,
    walk: command("study run study.yaml --out study --jobs 1"),
  },
  { files: "study", isHit: /cells\/[^/]+\/[^/]+$/, walk: oneCell },
];

const overwrite = (walk: Walk) => commandRoad(walk, [...trainArguments, "--overwrite"]);

export const state: Kind = {
  share: 6,
  bases: bases.length,
  async damage({ base, layer, edits }) {
    const ours = await ourFiles();
    const { files: which, isHit } = pick(bases, base);
    const files = new Map([...ours.given, ...ours[which]]);
    if (isHit.test("lock")) files.set(which === "study" ? "study/lock" : "run/lock", deadLock());
    const hit = hitOf(files.keys(), isHit, layer);
    if (edits.length > 0) files.set(hit, damaged(hit, files.get(hit)!, edits, Math.floor(layer / 64)));
    return { files };
  },
  walk(walk, { files }, { base, layer }: Plan) {
    const { isHit, walk: go } = pick(bases, base);
    return go(walk, hitOf(files.keys(), isHit, layer));
  },
};

const hitOf = (paths: Iterable<string>, isHit: RegExp, layer: number): string =>
  pick(
    [...paths].filter((path) => /^(run|study)\//.test(path) && isHit.test(path)),
    layer,
  );

/** Of a process of this machine that is gone: none began with the system. */
const deadLock = (): Uint8Array =>
  text(
    lockText({ ...thisProcess(), start: "0", what: "alignreg", token: "0", since: "2026-01-01T00:00:00Z" }),
  );

function damaged(path: string, bytes: Uint8Array, edits: readonly Edit[], level: number): Uint8Array {
  if (level % 8 === 0) return editBytes(bytes, edits);
  if (path.endsWith("checkpoint.onnx")) return editCheckpoint(bytes, edits, level >>> 3);
  if (path.endsWith(".json")) return editJson(bytes, edits, level >>> 3);
  if (/\.(yaml|jsonl)$|lock$/.test(path)) return text(editText(new TextDecoder().decode(bytes), edits));
  return editBytes(bytes, edits);
}

/** Where the run was, what run it was, or its tensors. */
function editCheckpoint(bytes: Uint8Array, edits: readonly Edit[], level: number): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const [key, change] = [
    ["position", (value: string) => editJson(text(value), edits, level >>> 2)],
    ["position", (value: string) => editJson(text(value), edits, 1)],
    ["identity", (value: string) => editJson(text(value), edits, level >>> 2)],
    ["", () => new Uint8Array()],
  ][level % 4] as [string, (value: string) => Uint8Array];
  const entry = model.metadataProps.find((one) => one.key === key);
  if (entry) entry.value = new TextDecoder().decode(change(entry.value));
  else editTree(level % 8 < 4 ? model.graph!.initializer : model.metadataProps, edits, { isTyped: true });
  if (level % 64 === 5) model.metadataProps.push(create(StringStringEntryProtoSchema, { key: "position" }));
  try {
    return toBinary(ModelProtoSchema, model);
  } catch {
    // No file has a number that its field cannot hold.
    return bytes;
  }
}

/** The cell whose file was damaged is gone on with, as the process of a study does it. */
async function oneCell(walk: Walk, hit: string): Promise<void> {
  const id = hit.split("/")[2];
  const { placed } = await readStudy("study.yaml");
  const cells = planOfStudy(placed.study).flatMap((arm) => [
    ...arm.candidates.flatMap((candidate) => candidate.cells),
    ...(arm.candidates.length > 0 ? [] : arm.cellsAt(arm.fixedLambda)),
  ]);
  const cell = cells.find((one) => one.id === id);
  if (!cell) throw new Error(`The study has no cell ${id}: ${cells.map((one) => one.id).join(", ")}.`);
  const { data, dataSeed } = cell.config;
  await stage(walk, "cell", () =>
    runCell(
      {
        cell,
        folder: `study/cells/${id}`,
        directory: process.cwd(),
        evaluations: [{ part: "test", family: placed.study.families[0] }],
        augmentation: "lazy",
        checkpointSeconds: 15,
        command: "fuzz",
      },
      new StudyData({ data, dataSeed }, process.cwd()),
      { onProgress: () => undefined, onNote: () => undefined },
    ),
  );
}
