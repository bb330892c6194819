/** What a run's folder says of its options, to go on with them: while it trains, and when it is finished. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { jsonFile, writtenFilesSchema } from "../artifacts/index.ts";
import { isModuleSpec, parseModuleSpec } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { validationScoresSchema } from "../train/index.ts";
import { ofModules } from "./own-definitions.ts";

const flags = z.record(z.string(), z.unknown());

/** `options.json`, from before the first step to the end. */
export const runOptionsFile = jsonFile({
  version: 1,
  schema: z.object({
    options: flags,
    dataOptions: flags,
    /** What relative paths in the options are relative to. */
    directory: z.string(),
  }),
  advice: "Delete it and give all options with --resume, or start over with --overwrite.",
});

/** `manifest.json`: what a run was, once it is finished. */
export const runManifestFile = jsonFile({
  version: 1,
  schema: z.looseObject({
    options: flags,
    data: z.object({ name: z.string(), sha256: z.string() }),
    // Manifests of a time before versions have none of these.
    dataOptions: flags.optional(),
    directory: z.string().optional(),
    // Of runs that are validated.
    config: z
      .looseObject({
        kept: z.object({ epoch: z.number(), validation: validationScoresSchema }).optional(),
        calibration: z
          .object({ temperature: z.number(), images: z.number(), before: z.number(), after: z.number() })
          .optional(),
      })
      .optional(),
    files: writtenFilesSchema.optional(),
  }),
  advice: "Choose another --out, or start over with --overwrite.",
});

/** Options without a say in the result, or whose say the data's hash tells better. */
const apartFromRun = ["out", "resume", "overwrite", "checkpointSeconds", "verbose", "cacheLimit"];
const ofData = [
  "data",
  "limit",
  "imageSize",
  "channels",
  "resize",
  "cropShare",
  "interpolation",
  "exif",
  "transformBeforeCrop",
  "validation",
  "test",
  "splitSeed",
  "labels",
  "labelColumns",
];
/** May be written in several ways: what they lead to decides, as hashes tell. */
const ofFiles = [
  "model",
  "backbone",
  "weights",
  "classMap",
  "transforms",
  "augmixOperations",
  "cache",
  "gradients",
];

/** The same where the value is a module: what it defines is in the checkpoint with its hash. */
const areModules = (...values: readonly unknown[]): boolean => values.every(isModuleSpec);

type Flags = Readonly<Record<string, unknown>>;

/** What must be the same for a finished run to be the one asked for, beside the data. */
export const runOptions = (given: object): Record<string, unknown> =>
  pick(given, (name) => !apartFromRun.includes(name) && !ofData.includes(name));

/** What a run's options are recorded as. */
export const recordOf = (given: object) => ({
  options: runOptions(given),
  dataOptions: pick(given, (name) => ofData.includes(name)),
  directory: process.cwd(),
});

/**
 * The options of a run that is gone on with: those of its folder, where there are such, and what is given.
 *
 * @param isGiven  whether an option was given, rather than is there by default
 * @returns        the options, and the same with paths as they lead there from here
 * @throws UsageError when options are given that contradict the folder's
 */
export function resumedOptions<Given extends object>(
  folder: { readonly path: string; readonly options: string; readonly manifest: string },
  given: Given,
  isGiven: (name: string) => boolean,
): { readonly flags: Given; readonly located: Given } {
  const record = runOptionsFile.read(folder.options) ?? runManifestFile.read(folder.manifest);
  if (record === null) return { flags: given, located: given };
  const { options, dataOptions, directory } = record;
  const now = given as Flags;
  const changes = Object.keys({ ...options, ...runOptions(given) }).filter(
    (name) =>
      isGiven(name) &&
      !ofFiles.includes(name) &&
      !areModules(now[name], options[name]) &&
      !isDeepStrictEqual(now[name], options[name]),
  );
  if (changes.length > 0) {
    const shown = changes.map(
      (name) => `${name}: ${shownValue(options[name])} there, ${shownValue(now[name])} now`,
    );
    throw new UsageError(
      `${folder.path} holds a run with other options (${shown.join("; ")}). ` +
        `Leave them out to go on with it, choose another --out, or start over with --overwrite.`,
    );
  }
  const there = { ...options, ...dataOptions };
  const flags = { ...given } as Record<string, unknown>;
  const located = { ...given } as Record<string, unknown>;
  for (const name of Object.keys({ ...now, ...there })) {
    if (isGiven(name) || apartFromRun.includes(name)) continue;
    if (ofData.includes(name) && record.dataOptions === undefined) continue;
    flags[name] = there[name];
    located[name] = locatedFrom(directory, name, there[name]);
  }
  return { flags: flags as Given, located: located as Given };
}

/** A path of an option as it leads to the same file from here. */
function locatedFrom(directory: string | undefined, name: string, value: unknown): unknown {
  if (directory === undefined || typeof value !== "string" || directory === process.cwd()) return value;
  if (ofModules.some((each) => each === name))
    return isModuleSpec(value) ? locatedModule(directory, value) : value;
  if (name === "gradients")
    return value
      .split(",")
      .map((path) => locatedModule(directory, path.trim()))
      .join(",");
  if (!["data", "labels"].includes(name) && !ofFiles.includes(name)) return value;
  const path = resolve(directory, value);
  return existsSync(path) ? path : value;
}

/** `./mine.mjs#name:option=1`: what stands behind the path stays. */
function locatedModule(directory: string, spec: string): string {
  const { path } = parseModuleSpec(spec);
  const there = resolve(directory, path);
  return existsSync(there) ? there + spec.slice(path.length) : spec;
}

const shownValue = (value: unknown): string => (value === undefined ? "none" : JSON.stringify(value));

const pick = (record: object, isPicked: (name: string) => boolean): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => isPicked(name)));
