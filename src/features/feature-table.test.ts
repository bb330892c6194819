import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DamagedFileError } from "../artifacts/index.ts";
import { FeatureTable } from "./feature-table.ts";
import { type Part, writePart } from "./part-file.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-table-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = (letter: string) => letter.repeat(64);
const size = 3;
const members = [key("0"), key("1")];

/** Images of two letters under both members; the numbers count on from `first`. */
const partOf = (images: readonly string[], first: number): Part => ({
  prefix: key("f"),
  size,
  images: images.map(key),
  members,
  features: Float32Array.from({ length: images.length * members.length * size }, (_, i) => first + i),
});
const parts = [partOf(["a", "b"], 0), partOf(["c", "d"], 100)];
const bytes = parts[0].features.byteLength;

async function tableOf(memoryBytes: number, name: string) {
  const table = new FeatureTable(size, memoryBytes);
  const paths: string[] = [];
  for (const [i, part] of parts.entries()) {
    const path = join(folder, `${name}-${i}`);
    table.add(part, { path, start: await writePart(path, part) });
    paths.push(path);
  }
  return { table, paths };
}

const read = (table: FeatureTable, image: string, member: number): number[] => {
  const out = new Float32Array(5).fill(-1);
  table.read(key(image), members[member], out.subarray(1, 4));
  expect([out[0], out[4]], "nothing beside it").toEqual([-1, -1]);
  return [...out.subarray(1, 4)];
};

test.each([
  ["no memory", 0],
  ["memory for one part", bytes],
  ["memory for both", 2 * bytes],
])("with %s each image has its own numbers, in any order", async (name, memoryBytes) => {
  const { table, paths } = await tableOf(memoryBytes, name);
  // What is held needs its file no more.
  const held = Math.floor(memoryBytes / bytes);
  for (const path of paths.slice(0, held)) rmSync(path);
  for (const [image, member, first] of [
    ["d", 1, 109],
    ["a", 0, 0],
    ["c", 0, 100],
    ["b", 1, 9],
    ["a", 1, 3],
  ] as const)
    expect(read(table, image, member)).toEqual([first, first + 1, first + 2]);
  expect([table.has(key("a"), members[0]), table.has(key("e"), members[0])]).toEqual([true, false]);
  table.close();
  expect(read(table, "a", 0), "files are opened anew").toEqual([0, 1, 2]);
  table.close();
});

test("a file that is cut meanwhile is an error that names it", async () => {
  const { table, paths } = await tableOf(0, "cut");
  truncateSync(paths[1], 200);
  expect(() => read(table, "d", 1)).toThrow(DamagedFileError);
  expect(() => read(table, "d", 1)).toThrow(/cut-1.* was cut while it was in use/);
  expect(read(table, "a", 0)).toEqual([0, 1, 2]);
  table.close();
});
