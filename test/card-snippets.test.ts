/** The programs of a card, run as they stand there: the probabilities of `predict`, on photographs of all kinds. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cardFolder, expected, kinds, photographFiles, pixelNet, worst } from "./card-case.ts";
import { noPython, python } from "./tools/python.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-card-"));
afterAll(() => rmSync(root, { recursive: true }));

let photographs: Awaited<ReturnType<typeof photographFiles>>;
const folders = new Map<string, string>();
beforeAll(async () => {
  photographs = await photographFiles(join(root, "photographs"));
  for (const [i, [name, kind]] of Object.entries(kinds).entries()) {
    folders.set(name, join(root, String(i)));
    await cardFolder(join(root, String(i)), pixelNet(kind));
  }
});

/** What a program prints for files: their probabilities as JSON, behind what it may print before. */
function printed(program: string, args: readonly string[], folder: string): number[][] {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 27,
  });
  expect([status, stderr.slice(0, 500)]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as number[][];
}

describe.each(Object.keys(kinds).map((name, i) => [name, i] as const))("%s:", (name, i) => {
  const folder = () => folders.get(name)!;
  /** All fifty by one of them; by the others a part, of all orientations. */
  const some = () => photographs.filter((_, index) => i === 0 || index < 8 || index % 4 === i);

  test("Node", async () => {
    // sharp reads no BMP, and takes no orientation from XMP; the card says so.
    const asked = some().filter((photograph) => !/\.bmp$|-xmp/.test(photograph.name));
    const files = asked.map(({ file }) => file);
    const code = `import("./classify.mjs").then(async ({ classify }) => {
      const all = [];
      for (const file of ${JSON.stringify(files)}) all.push(await classify(file));
      console.log(JSON.stringify(all));
    })`;
    const given = printed(process.execPath, ["-e", code], folder());
    const names = asked.map((photograph) => photograph.name);
    expect(worst(given, await expected(folder(), files), names).difference).toBeLessThan(1e-3);
  });

  test("Python", async ({ skip }) => {
    if (noPython) skip(noPython);
    // Decoders of AVIF differ, and Pillow may have none.
    const asked = some().filter(({ differs }) => differs === undefined);
    const files = asked.map(({ file }) => file);
    const code = `import classify, json; print(json.dumps([classify.classify(p).tolist() for p in ${JSON.stringify(files)}]))`;
    const given = printed(python!, ["-c", code], folder());
    const names = asked.map((photograph) => photograph.name);
    const { name: where, difference } = worst(given, await expected(folder(), files), names);
    expect(difference, where).toBeLessThan(1e-3);
  });
});

test("both print the name of the class", async ({ skip }) => {
  const folder = folders.get("colour, cropped, of strange names")!;
  const [{ file }] = photographs;
  const [probabilities] = await expected(folder, [file]);
  const best = probabilities.indexOf(Math.max(...probabilities));
  const { classNames } = kinds["colour, cropped, of strange names"];
  const line = `${file} ${classNames![best]} ${probabilities[best].toFixed(3)}\n`;
  const run = (program: string, script: string) =>
    spawnSync(program, [script, file], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PYTHONIOENCODING: "utf-8" },
    }).stdout;
  expect(run(process.execPath, "classify.mjs")).toBe(line);
  if (noPython) skip(noPython);
  expect(run(python!, "classify.py")).toBe(line);
});
