/** What our own commands write, to be damaged and read back: a finished run, one that was stopped, and a small study. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandRoad } from "./command-road.ts";
import { fixture } from "./fixture.ts";
import { pictureFolder } from "./pictures.ts";
import { save } from "./run-case.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

export interface OurFiles {
  /** What the commands were given, beside their arguments. */
  readonly given: Files;
  /** In the folder `run`. */
  readonly finished: Files;
  readonly stopped: Files;
  /** In the folder `study`. */
  readonly study: Files;
}

export const trainArguments =
  "train --data photos --image-size 16 --model model.onnx --out run --epochs 3 --batch-size 4 --threads 1 --checkpoint-seconds 0".split(
    " ",
  );

const studyText = `name: small
data: { name: ./photos, train: 8, validation: 4, test: 4, imageSize: [18, 18], channels: 3 }
model: { name: cifarCnn, width: 2 }
epochs: 1
batchSize: 4
families: ["rotation:90"]
methods: [base, rwa]
regularizers: [squaredL2]
lambda: { values: [0, 1] }
threads: 1
`;

// A study's cells run in processes that begin as this one did, in another folder, where nobody would find the loader.
process.execArgv = process.execArgv.map((argument) =>
  argument === "tsx" ? import.meta.resolve("tsx") : argument,
);

let made: Promise<OurFiles> | null = null;

/** Made once in a process, by the commands themselves: no form of these files grows old in the repository. */
export const ourFiles = (): Promise<OurFiles> => (made ??= make());

async function make(): Promise<OurFiles> {
  const given = new Map([
    ["model.onnx", fixture("zoo/plain-convnet-plain-opset17.onnx")],
    ["study.yaml", new TextEncoder().encode(studyText)],
    ...pictureFolder("photos"),
  ]);
  const folder = mkdtempSync(join(tmpdir(), "alignreg-fuzz-"));
  const before = process.cwd();
  save({ files: given }, folder);
  process.chdir(folder);
  // A run clears its checkpoint away in the end: it is looked at while it goes.
  let stopped: Files = new Map();
  const watch = setInterval(() => {
    if (existsSync("run/checkpoint.onnx")) stopped = filesIn("run", (name) => !/^lock|^\./.test(name));
  }, 1);
  try {
    await done(trainArguments);
    clearInterval(watch);
    await done("study run study.yaml --out study --jobs 1".split(" "));
    if (!stopped.has("run/checkpoint.onnx")) throw new Error("The run was over before it was looked at.");
    return { given, finished: filesIn("run"), stopped, study: filesIn("study") };
  } finally {
    clearInterval(watch);
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function done(args: readonly string[]): Promise<void> {
  const walk = {};
  await commandRoad(walk, args);
  if (!("run" in walk && walk.run === "result"))
    throw new Error(`${args.join(" ")} ended in ${JSON.stringify(walk)}.`);
}

const filesIn = (folder: string, isTaken: (name: string) => boolean = () => true): Files =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && isTaken(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, new Uint8Array(readFileSync(path))]),
  );
