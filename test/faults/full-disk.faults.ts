import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Command } from "commander";
import { type FitOptions, fit } from "../../src/api/index.ts";
import { rotation } from "../../src/augment/index.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { datasetFromArrays } from "../../src/data/index.ts";
import { buildClassifier } from "../../src/models/index.ts";
import { float32 } from "../../src/tensor/index.ts";
import { cliHere } from "../cli-process.ts";
import { smallDisk } from "../small-disk.ts";
import { compiledCli } from "../tools/compiled.ts";
import { useCompiledProcesses } from "../tools/compiled-processes.ts";

useCompiledProcesses();
const folder = mkdtempSync(join(tmpdir(), "alignreg-full-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const size = 1 << 20;
const page = 4096;
const disk = smallDisk(size);
afterAll(() => {
  if (typeof disk !== "string") disk.remove();
});

/** LeNet's checkpoints would not fit beside its files: a network of few weights does. */
const small = ["--limit", "40", "--epochs", "1", "--batch-size", "20", "--model", "resnet18", "--width", "1"];
const trained = join(folder, "trained");
const model = join(trained, "model.onnx");
const pictures = Array.from({ length: 40 }, () => "test/fixtures/picture-kinds/grey.gif");
const study = join(folder, "study.yaml");
const finished = join(folder, "finished");
const exported = join(folder, "exported");
writeFileSync(
  study,
  `name: full
data: { name: mnist, train: 32, validation: 8, test: 8 }
model: { name: resnet18, width: 1 }
epochs: 1
batchSize: 16
families: [rotation]
methods: [base]
`,
);

beforeAll(async () => {
  expect((await cliHere("train", ...small, "--out", trained)).code).toBe(0);
  const another = await cliHere("train", ...small, "--seed", "9", "--out", join(folder, "another"));
  expect(another.code).toBe(0);
  const from = join(folder, "another", "model.onnx");
  expect((await cliHere("export", from, "--to", "tfjs", "--out", exported)).code).toBe(0);
  const made = await cliHere("study", "run", study, "--out", finished);
  expect(made.code, made.stderr).toBe(0);
});

interface Case {
  /** As one types it. */
  readonly command: string;
  readonly args: (to: string) => readonly string[];
  /** Whether it writes one file, over an old one. */
  readonly isFile?: true;
  /** A folder whose files are there before, and are to be replaced. */
  readonly over?: string;
  /** Of them, those that are to be made again. */
  readonly without?: RegExp;
}

/** Every command that writes, with where. */
const cases: readonly Case[] = [
  {
    command: "train",
    args: (to) => ["train", ...small, "--out", to, "--resume"],
  },
  {
    command: "train",
    args: (to) => ["train", ...small, "--seed", "9", "--out", to, "--overwrite"],
    over: trained,
  },
  { command: "evaluate", args: (to) => ["evaluate", model, "--limit", "20", "--json", to], isFile: true },
  { command: "evaluate", args: (to) => ["evaluate", model, "--limit", "20", "--html", to], isFile: true },
  { command: "predict", args: (to) => ["predict", model, ...pictures, "--json", to], isFile: true },
  { command: "predict", args: (to) => ["predict", model, ...pictures, "--csv", to], isFile: true },
  { command: "export", args: (to) => ["export", model, "--to", "tfjs", "--out", to] },
  { command: "export", args: (to) => ["export", model, "--to", "tfjs", "--out", to], over: exported },
  {
    command: "export",
    args: (to) => ["export", model, "--to", "teachable-machine", "--out", to],
    isFile: true,
  },
  { command: "export", args: (to) => ["export", model, "--to", "onnx", "--out", join(to, "small.onnx")] },
  { command: "export", args: (to) => ["export", model, "--to", "card", "--out", to], isFile: true },
  {
    command: "transforms",
    args: (to) => ["transforms", "rotation", "--count", "2", "--out", to],
    isFile: true,
  },
  {
    command: "demo",
    args: (to) => ["demo", "--limit", "40", "--epochs", "1", "--out", to],
  },
  {
    command: "study run",
    args: (to) => ["study", "run", study, "--out", to, "--retries", "0"],
  },
  {
    command: "study run",
    args: (to) => ["study", "run", study, "--out", to, "--retries", "0"],
    over: finished,
    without: /test-rotation|results|tables|chart/,
  },
  {
    command: "study collect",
    args: (to) => ["study", "collect", finished, "--format", "json", "--out", to],
    isFile: true,
  },
];
const titled = cases.map((entry) => ({
  title: entry.command + (entry.over ? " over an old run" : ""),
  ...entry,
}));

/** Files that are gone when a command ends well. */
const passing: Readonly<Record<string, readonly string[]>> = {
  train: ["lock", "options.json", "checkpoint.onnx"],
  demo: ["lock"],
  "study run": ["lock", "running.json", "cells/<id>/checkpoint.onnx", "cells/<id>/error.json"],
};

/** A cell's small files: where there is no room for one there is none for error.json, which is then what is named. */
const unnamed = [
  "config.json",
  "classifier.json",
  "manifest.json",
  "metrics.jsonl",
  "test-rotation.json",
].map((name) => `cells/<id>/${name}`);

/** Commands that write nothing, and options that name what is read. */
const reading = {
  commands: ["inspect", "study status"],
  options: ["--weights", "--class-map", "--labels", "--results", "--points"],
};

/** Options whose files are not begun where the disk has too little room for all of them. */
const asksForRoom = ["--cache"];

test("every command, and every option that names a file or folder to write, has a case", () => {
  const leaves = (command: Command, path: readonly string[]): readonly [string, Command][] =>
    command.commands.length === 0
      ? [[path.join(" "), command]]
      : command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
  for (const [name, { options }] of leaves(buildProgram(), [])) {
    const own = cases.filter(({ command }) => command === name);
    if (reading.commands.includes(name)) expect(own, name).toEqual([]);
    else expect(own.length, name).toBeGreaterThan(0);
    const outputs = options.filter(({ flags }) => /<(?:file|dir)>/.test(flags)).map(({ long }) => long!);
    for (const option of outputs.filter((long) => ![...reading.options, ...asksForRoom].includes(long))) {
      expect(
        own.some(({ args }) => args("x").includes(option)),
        `${name} ${option}`,
      ).toBe(true);
    }
  }
});

const hashes = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, createHash("sha256").update(readFileSync(file)).digest("hex")]),
  );

const isTemporary = (path: string) => path.endsWith(".tmp");

afterEach(() => {
  if (typeof disk === "string") return;
  for (const name of readdirSync(disk.path)) rmSync(join(disk.path, name), { recursive: true });
});

describe("on a disk that fills up", () => {
  beforeEach(({ skip }) => {
    if (typeof disk === "string") skip(disk);
  });
  const at = typeof disk === "string" ? "" : disk.path;
  const filler = join(at, "filler");

  /** Fills the disk, but for so many bytes. */
  function leave(room: number): void {
    const { bavail, bsize } = statfsSync(at);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room)));
  }
  const clear = () => readdirSync(at).forEach((name) => rmSync(join(at, name), { recursive: true }));
  const to = join(at, "out");

  /**
   * Runs a command with so much room, and sees that nothing is lost.
   *
   * @returns the file that it could not write; null where it ended well
   */
  async function failingFile({ args, isFile, over, without }: Case, room: number): Promise<string | null> {
    clear();
    if (isFile) writeFileSync(to, "old");
    if (over)
      cpSync(over, to, { recursive: true, filter: (path) => !without?.test(path.slice(over.length)) });
    const before = hashes(at);
    leave(room);
    const { code, stderr } = await cliHere(...args(to));
    rmSync(filler);
    expect(Object.keys(hashes(at)).filter(isTemporary)).toEqual([]);
    if (code === 0) return null;
    expect(code, stderr).toBe(1);
    expect(stderr).not.toContain("this is a bug");
    const [, file] = /Cannot (?:write|make) (\S+?): the disk is full \(ENOSPC\)/.exec(stderr) ?? [];
    expect(file, stderr).toContain(at);
    // Metrics are lines that come as the run goes.
    if (file.endsWith("metrics.jsonl"))
      readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as object);
    else expect(hashes(at)[file], `${file} is what it was`).toBe(before[file]);
    return file;
  }

  /** The files that fail for want of room somewhere between two sizes, where the ends are known. */
  async function failingBetween(
    entry: Case,
    [from, failsFrom]: readonly [number, string | null],
    [end, failsAt]: readonly [number, string | null],
  ): Promise<(string | null)[]> {
    if (failsFrom === failsAt || end - from <= page) return [failsFrom, failsAt];
    const middle = page * Math.round((from + end) / 2 / page);
    const fails = await failingFile(entry, middle);
    return [
      ...(await failingBetween(entry, [from, failsFrom], [middle, fails])),
      ...(await failingBetween(entry, [middle, fails], [end, failsAt])),
    ];
  }

  const nameOf = (file: string) =>
    relative(to, file)
      .replace(/^cells\/[^/]+/, "cells/<id>")
      .replace(/^lock\.\d+$/, "lock");
  const written = new Map<string, Set<string>>();
  const failed = new Map<string, Set<string>>();
  const note = (sets: Map<string, Set<string>>, command: string, files: readonly (string | null)[]) =>
    sets.set(
      command,
      new Set([...(sets.get(command) ?? []), ...files.filter((file) => file !== null).map(nameOf)]),
    );

  test.each(titled)(
    "$title: what was there is intact, wherever it ends, and with room it goes on",
    async (entry) => {
      const { command, args } = entry;
      const first = await failingFile(entry, 0);
      expect(first, "nothing fits").not.toBeNull();
      // The same command, with room: nothing that was cut is in its way.
      const free = await cliHere(...args(to));
      expect(free.code, free.stderr).toBe(0);
      note(written, command, Object.keys(hashes(at)));
      note(failed, command, await failingBetween(entry, [0, first], [size, null]));
    },
  );

  test("the disk was full at each file of each command", () => {
    for (const [command, files] of written) {
      const expected = [...files, ...(passing[command] ?? [])].filter(
        (file) => command !== "study run" || !unnamed.includes(file),
      );
      expect(
        [...(failed.get(command) ?? [])].filter((file) => !unnamed.includes(file)).sort(),
        command,
      ).toEqual([...new Set(expected)].sort());
    }
  });

  test("a training whose disk fills up goes on from its last checkpoint", async () => {
    mkdirSync(to);
    const lenet = ["--limit", "40", "--epochs", "3", "--batch-size", "20"];
    const args = ["train", ...lenet, "--out", to, "--resume"];
    const checkpoint = join(to, "checkpoint.onnx");
    // The first checkpoint fits; the second, beside it, does not.
    leave(800_000);
    const full = await cliHere(...args);
    expect(full.code, full.stderr).toBe(1);
    expect(full.stderr).toContain(`Cannot write ${checkpoint}: the disk is full (ENOSPC)`);
    expect(existsSync(checkpoint)).toBe(true);
  });
});

describe("a cache of features on a disk that fills up while it is filled", () => {
  /** 55 of its images make a part, so that there are three; 20 numbers an image, three members. */
  const photographs = datasetFromArrays({
    name: "photographs",
    shape: [3, 224, 224],
    pixels: Uint8Array.from({ length: 120 * 3 * 224 * 224 }, (_, i) => (i * 2654435761) >>> 24),
    labels: Array.from({ length: 120 }, (_, i) => i % 2),
    classNames: ["even", "odd"],
  });
  const classifier = buildClassifier("pooled", [3, 224, 224], (g, images) => {
    const weight = (name: string, shape: [number, number]) =>
      g.initializer(
        name,
        float32(
          shape,
          new Float32Array(shape[0] * shape[1]).map((_, i) => Math.sin(i)),
        ),
      );
    const pooled = g.op1("Flatten", [g.op1("GlobalAveragePool", [images])], { axis: 1 });
    return g.matMul(g.op1("Relu", [g.matMul(pooled, weight("wide", [3, 20]))]), weight("head", [20, 2]));
  });
  const run = (cache: string, more: FitOptions = {}) =>
    fit(classifier, photographs, {
      ...{ trainable: ["head"], transforms: rotation({ degrees: [-30, 30] }), cache, threads: 1, epochs: 1 },
      onNote: () => undefined,
      ...more,
    });

  test("keeps what was written, and is filled to the same bytes once there is room", async ({ skip }) => {
    if (typeof disk === "string") return skip(disk);
    const at = join(disk.path, "cache");
    const filler = join(disk.path, "filler");
    const whole = join(folder, "cache");
    const { model: expected } = await run(whole);
    const stored = (cache: string) =>
      Object.fromEntries(Object.entries(hashes(cache)).map(([file, hash]) => [relative(cache, file), hash]));
    const failing = run(at, {
      onCacheProgress: () => {
        if (existsSync(filler)) return;
        const { bavail, bsize } = statfsSync(disk.path);
        writeFileSync(filler, Buffer.alloc(bavail * bsize));
      },
    });
    await expect(failing).rejects.toThrow(/Cannot write \S+\.features: the disk is full \(ENOSPC\)/);
    expect(Object.keys(stored(at))).toHaveLength(1);
    expect(stored(whole)).toMatchObject(stored(at));
    // Still full: what is there needs no room again, what is missing does.
    await expect(run(at)).rejects.toThrow(/its features take \d+ kB, and \d+ kB are free|the disk is full/);
    expect(Object.keys(stored(at))).toHaveLength(1);
    rmSync(filler);
    const { model } = await run(at);
    expect(stored(at)).toEqual(stored(whole));
    expect(model.graph.initializers).toEqual(expected.graph.initializers);
  });
});

describe("where no file may be larger than 1 kB", () => {
  beforeEach(({ skip }) => {
    if (process.platform === "win32") skip("not on Windows: it limits no sizes of files");
  });
  test.each(titled.filter(({ over }) => !over))("$title", ({ args, isFile }) => {
    const to = join(folder, "limited");
    if (isFile) writeFileSync(to, "old");
    const command = `ulimit -f 1; exec "${process.execPath}" "${compiledCli}" "$@"`;
    const { status, stderr } = spawnSync("bash", ["-c", command, "bash", ...args(to)], { encoding: "utf8" });
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/EFBIG|failed, or could not follow/);
    expect(stderr).not.toContain("this is a bug");
    if (isFile) expect(readFileSync(to, "utf8")).toBe("old");
    rmSync(to, { recursive: true, force: true });
  });
});
