/** The `classifier.json` beside a model, where it is this model's. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { BesideFacts } from "../../models/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { classListName } from "../import-graph-model.ts";
import { jsonBeside } from "../json-beside.ts";
import { sidecarName } from "./sidecar-name.ts";
import { SIDECAR_SCHEMA, SIDECAR_VERSION, type Sidecar, sidecarSchema } from "./schema.ts";

/** A model's files as they were read: of one file its bytes; of a folder all of them, by name. */
export type ModelContent = Uint8Array | ReadonlyMap<string, Uint8Array>;

export interface FoundSidecar {
  /** Null where there is none that is this model's. */
  readonly sidecar: Sidecar | null;
  /** Where it lies. */
  readonly path: string;
  /** Why one that is there is not used, or is in doubt, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Looks for it beside a model: `<name>.classifier.json`, then `classifier.json`.
 *
 * @param path  of the model's file, or of the folder that `content` is the files of; undefined for bytes, beside which there is nothing
 * @throws UsageError that names the file and the member, for a damaged one
 */
export async function readSidecar(
  path: string | undefined,
  content: ModelContent,
): Promise<FoundSidecar | null> {
  if (path === undefined) return null;
  const isFile = content instanceof Uint8Array;
  const folder = isFile || path.endsWith(".json") ? dirname(path) : path;
  const names = isFile ? new Set([sidecarName(path), "classifier.json"]) : ["classifier.json"];
  let notes: readonly string[] = [];
  let other: string | null = null;
  for (const name of names) {
    const place = join(folder, name);
    const json = await jsonBeside(place);
    if (json === undefined || !isOurs(json)) continue;
    const found = usable(json, place, path, content);
    if (found.sidecar) return { ...found, path: place };
    other ??= place;
    notes = [...notes, ...found.notes];
  }
  return other === null ? null : { sidecar: null, path: other, notes };
}

/** What it says of a classifier, to be held against what the model's own file says. */
export function sidecarFacts({ sidecar, path, notes }: FoundSidecar): BesideFacts {
  const { input, classNames, pictures, temperature, transforms } = sidecar ?? {};
  const { mean, std, range, channelOrder, imageShape, normalization } = input ?? {};
  return {
    ...(classNames && { classNames }),
    ...(mean && std && { normalization: { mean, std } }),
    ...(range && { inputRange: range }),
    ...(channelOrder && { channelOrder }),
    ...(imageShape && { imageShape }),
    ...(normalization && { normalizes: normalization }),
    ...(pictures && { pictures }),
    ...(temperature && { temperature }),
    ...(transforms && { transforms }),
    isOwn: true,
    source: path,
    notes,
  };
}

/** Whether a parsed file says that it is such a one. */
export const isOurs = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "schema" in json && json.schema === SIDECAR_SCHEMA;

function usable(
  json: unknown,
  place: string,
  model: string,
  content: ModelContent,
): Pick<FoundSidecar, "sidecar" | "notes"> {
  const { version } = json as { version?: unknown };
  if (typeof version === "number" && version > SIDECAR_VERSION) {
    const why = `${place} is of version ${version}, and this alignreg reads version ${SIDECAR_VERSION}: it is not used. Update alignreg.`;
    return { sidecar: null, notes: [why] };
  }
  const parsed = sidecarSchema.safeParse(json);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new UsageError(
      `${place}, beside the model, is damaged at ${path.map(String).join(".") || "its top"}: ${message}. Write the model anew, or ` +
        `move ${basename(place)} away.`,
      { cause: parsed.error },
    );
  }
  const sidecar = parsed.data;
  const { mean, std } = sidecar.input ?? {};
  if ((mean?.length ?? 0) !== (std?.length ?? 0)) {
    throw new UsageError(
      `${place}, beside the model, has ${mean?.length ?? 0} numbers at input.mean and ${std?.length ?? 0} at input.std. Give both, a ` +
        `number for each channel.`,
    );
  }
  const { files } = sidecar;
  if (!files) {
    const isNamed = !sidecar.model || sidecar.model === basename(model);
    return isNamed
      ? {
          sidecar,
          notes: [`${place} does not say of which model it is (files); it is taken for that of ${model}.`],
        }
      : { sidecar: null, notes: [] };
  }
  if (isOf(files, content)) return { sidecar, notes: [] };
  // Of several models in a folder each may have its own.
  const isMeant =
    !(content instanceof Uint8Array) ||
    Object.hasOwn(files, basename(model)) ||
    basename(place) !== "classifier.json";
  const why = `${place} is of another model, by the sha256 that it names, and is not used. Save the model anew, or remove ${basename(place)}.`;
  return { sidecar: null, notes: isMeant ? [why] : [] };
}

/** Whether every file of the model is one that was written with it; a copy may go by another name. */
function isOf(files: Readonly<Record<string, string>>, content: ModelContent): boolean {
  const known = new Set(Object.values(files));
  const parts = content instanceof Uint8Array ? [content] : modelParts(content);
  return parts.every((bytes) => known.has(createHash("sha256").update(bytes).digest("hex")));
}

/** The files of a folder that make the model; names of classes may be changed in the others. */
const modelParts = (files: ReadonlyMap<string, Uint8Array>): Uint8Array[] =>
  [...files].filter(([name]) => name !== "metadata.json" && name !== classListName).map(([, bytes]) => bytes);
