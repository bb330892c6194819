import { createHash } from "node:crypto";
import { type OptionTable, checkOptions, isRecord, number, tested, whole } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkSource } from "./check-dataset.ts";
import { type ImageGroup, imageGroups } from "./duplicates/index.ts";
import type { ImageSource } from "./image-source.ts";
import { sourceSubset } from "./source-subset.ts";
import { duplicateNotes, heldOutNotes } from "./split-notes.ts";

export interface SplitOptions {
  /** Share of each class that is held out to choose by during training, below 1 (default 0). */
  readonly validation?: number;
  /** Share of each class that is held out for the test, below 1 (default 0). */
  readonly test?: number;
  /** Other seeds hold other images out (default 0). */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const share = (purpose: string) =>
  number(
    { least: 0, below: 1 },
    { description: `share of each class that is held out ${purpose}`, default: 0 },
  );

/** By what it does: one of another realm is no instance of ours. */
const isSignal = (value: unknown): boolean => isRecord(value) && typeof value.throwIfAborted === "function";

/** The rows of {@link SplitOptions}. */
export const splitTable = {
  validation: share("to choose by during training"),
  test: share("for the test"),
  seed: whole({ description: "other seeds hold other images out", default: 0 }, 0),
  signal: tested<AbortSignal>(isSignal, "an AbortSignal", {
    description: "ends it before all images are read",
    otherwise: "it runs to its end",
  }),
} satisfies OptionTable<SplitOptions>;

export interface SplitParts {
  readonly train: ImageSource;
  /** Where a share was asked for. */
  readonly validation?: ImageSource;
  readonly test?: ImageSource;
  /** What was held out and which pictures are duplicates, a sentence each; the parts have them as their own. */
  readonly notes: readonly string[];
}

/**
 * Holds images out of a source, of each class its share; parts are lists of indices, nothing is copied.
 *
 * The images of a class that are one picture (equal, encoded anew, of another size, slightly cropped) are a group. Groups are
 * put in an order that their content and the seed decide; the first are the test's, the next the validation's: each
 * round(share · groups), and at least one of a class of 5 or more. So neither names nor places nor other classes matter, and images
 * that come or go move others across a border only.
 *
 * @example
 * const { train, validation, test } = await splitSource(photos, { validation: 0.2, test: 0.2 });
 *
 * @throws UsageError for shares that leave nothing to train on
 */
export async function splitSource(source: ImageSource, options: SplitOptions = {}): Promise<SplitParts> {
  checkSource("splitSource", "data", source);
  checkOptions("splitSource", splitTable, options);
  const { validation = 0, test = 0, seed = 0, signal } = options;
  if (validation + test >= 1) {
    throw new UsageError(
      `Shares of ${validation} for validation and ${test} for the test leave nothing to train on. Their sum is less than 1.`,
    );
  }
  if (validation + test === 0) return { train: source, notes: [] };
  const found = await imageGroups(source, signal);
  const { contents, groups } = found;
  const parts = { test: [] as number[], validation: [] as number[], train: [] as number[] };
  for (const [label, own] of byClass(groups)) {
    const ordered = label < 0 ? [] : inOrder(own, contents, seed);
    // Without a label an image can be no part of a test.
    if (label < 0) parts.train.push(...own.flatMap(({ members }) => members));
    const [tested, validated] = countsOf(ordered.length, [test, validation]);
    ordered.forEach(({ members }, place) => {
      const part = place < tested ? parts.test : place < tested + validated ? parts.validation : parts.train;
      part.push(...members);
    });
  }
  for (const indices of Object.values(parts)) indices.sort((a, b) => a - b);
  const notes = [...heldOutNotes(source, parts), ...duplicateNotes(source, found)];
  if (parts.train.length === 0) {
    throw new UsageError(`${source.name}: no image is left to train on. Hold out less, or add images.`);
  }
  const partOf = (indices: readonly number[], name: string) =>
    sourceSubset(source, indices, {
      name: `${source.name}, ${name} part`,
      notes: [...(source.notes ?? []), ...notes],
      isUnsplit: false,
    });
  return {
    train: partOf(parts.train, "training"),
    ...(validation > 0 && { validation: partOf(parts.validation, "validation") }),
    ...(test > 0 && { test: partOf(parts.test, "test") }),
    notes,
  };
}

function byClass(groups: readonly ImageGroup[]): Map<number, ImageGroup[]> {
  const classes = new Map<number, ImageGroup[]>();
  for (const group of groups) {
    const own = classes.get(group.label);
    if (own) own.push(group);
    else classes.set(group.label, [group]);
  }
  return classes;
}

/**
 * By the least of the members' keys: one more copy of a picture moves its group towards the parts that are held out, if at all,
 * never out of them.
 */
function inOrder(groups: readonly ImageGroup[], contents: readonly string[], seed: number): ImageGroup[] {
  const keyOf = (i: number) => createHash("sha256").update(`${seed} ${contents[i]}`).digest("hex");
  return groups
    .map((group) => ({ group, key: group.members.map(keyOf).reduce((a, b) => (a < b ? a : b)) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ group }) => group);
}

/** From which number of pictures on a class has at least one in each part. */
const LEAST_SHARED = 5;

/** How many of a class's `count` pictures each part gets; one stays for training. */
function countsOf(count: number, shares: readonly number[]): number[] {
  let left = Math.max(count - 1, 0);
  return shares.map((part) => {
    const least = part > 0 && count >= LEAST_SHARED ? 1 : 0;
    const own = Math.min(Math.max(Math.round(part * count), least), left);
    left -= own;
    return own;
  });
}
