/**
 * What files and options from outside may ask for. A few bytes can name any number: a limit is checked before memory or
 * time is spent. SECURITY.md shows this table.
 */
import { UsageError } from "../tensor/index.ts";

interface Limit {
  readonly value: number;
  readonly unit: string;
  /** What is counted. */
  readonly what: string;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export const limits = {
  fileBytes: { value: 2 * GIB, unit: "bytes", what: "a file: a model, its external data, a data set's part" },
  settingsBytes: {
    value: 16 * MIB,
    unit: "bytes",
    what: "a file of settings: YAML, JSON beside a model, a class map",
  },
  labelsBytes: { value: 128 * MIB, unit: "bytes", what: "a file of labels: CSV or JSON" },
  unpackedBytes: { value: GIB, unit: "bytes", what: "what a .gz file unpacks to" },
  imagePixels: { value: 2 ** 27, unit: "pixels", what: "an image, height × width, before it is stretched" },
  datasetBytes: { value: 2 ** 32 - 1, unit: "bytes", what: "the pixels of a split, a byte a channel" },
  heldBytes: {
    value: GIB,
    unit: "bytes",
    what: "pixels of a folder of images that are kept in memory; more are decoded when they are read",
  },
  tensorBytes: { value: 2 * GIB, unit: "bytes", what: "the tensors that a model holds, together" },
  valueBytes: { value: 16 * GIB, unit: "bytes", what: "a value that a node makes, for the batch at hand" },
  constantBytes: { value: 512 * MIB, unit: "bytes", what: "a value that follows from constants alone" },
  nodes: { value: 100_000, unit: "nodes", what: "a graph, with its local functions written out" },
  branches: { value: 1000, unit: "nodes", what: "Ifs of a graph whose branch follows from the images' size" },
  members: {
    value: 10_000,
    unit: "members",
    what: "a family of transforms, unions and compositions included",
  },
  blurSigma: { value: 300, unit: "pixels", what: "standard deviation of a blur" },
  arrayBytes: {
    value: 16 * GIB,
    unit: "bytes",
    what: "the images and views of a batch, or the logits of a test, as float32",
  },
  threads: { value: 1024, unit: "threads", what: "threads inside an operator" },
  jobs: { value: 256, unit: "processes", what: "processes that share a search" },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** More was asked for than is allowed by default. */
export class LimitError extends UsageError {
  readonly limit: LimitName;
  readonly asked: number;
  constructor(message: string, facts: { limit: LimitName; asked: number }) {
    super(message);
    this.limit = facts.limit;
    this.asked = facts.asked;
  }
}

const PREFIX = "ALIGNREG_MAX_";

/** The environment variable that raises a limit, as ALIGNREG_MAX_FILE_BYTES. */
export const limitVariable = (name: LimitName): string =>
  PREFIX + name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The limit in force. @throws UsageError for a variable that is no number */
export function limitOf(name: LimitName): number {
  const variable = limitVariable(name);
  const given = environment()[variable];
  if (given === undefined || given === "") return limits[name].value;
  const value = Number(given);
  if (value >= 0) return value;
  throw new UsageError(
    `The environment variable ${variable} is ${JSON.stringify(given)}. Give a number of ${limits[name].unit}.`,
  );
}

/**
 * @param what  what asks, as the beginning of a sentence: `The image a.png`
 * @throws LimitError when `asked` is more than the limit
 */
export function checkLimit(name: LimitName, asked: number, what: string): void {
  const most = limitOf(name);
  if (asked <= most) return;
  const { unit } = limits[name];
  const more = Number.isFinite(asked) ? String(asked) : "a greater number";
  const otherwise = isPage()
    ? "In a page that is the most."
    : `If it is right, set the environment variable ${limitVariable(name)} to ${more}.`;
  throw new LimitError(
    `${what} asks for ${counted(asked)} ${unit}; ${counted(most)} are allowed, as a damaged or hostile file can ask for any ` +
      `number. ${otherwise}`,
    { limit: name, asked },
  );
}

/** @throws UsageError for a variable that names no limit: it would raise nothing, without a word */
export function checkLimitVariables(): void {
  const known = (Object.keys(limits) as LimitName[]).map(limitVariable);
  const unknown = Object.keys(environment()).find((name) => name.startsWith(PREFIX) && !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`The environment variable ${unknown} names no limit. There are: ${known.join(", ")}.`);
}

/** 1234567 as 1,234,567. */
const counted = (n: number): string => n.toLocaleString("en");

/** Bundlers put an empty `process.env` into pages. */
const isPage = (): boolean =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node === undefined;

/** Empty in a browser, where the limits are what they are. */
const environment = (): Readonly<Record<string, string | undefined>> =>
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
