import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isReadAsClass } from "./read-as-class.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-places-"));
afterAll(() => rmSync(root, { recursive: true }));
const put = (...files: string[]) => {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
};
put(
  "photos/cat/1.png",
  "photos/dog/1.png",
  "parts/train/cat/1.png",
  "parts/test/cat/1.png",
  "idx/runs/a/model.onnx",
);

test.each<[string, string, boolean]>([
  ["photos", "photos/runs/a", true],
  ["photos", "photos/runs", true],
  ["photos", "photos/cat", true],
  ["photos", "photos", true],
  ["photos", "photos/.cache", false],
  ["photos", "photos-runs", false],
  ["photos", "runs", false],
  ["photos", ".", false],
  ["photos/cat", "photos/dog/x", false],
  // Beside splits no folder is read.
  ["parts", "parts/runs", false],
  ["parts", "parts/train/runs", true],
  ["parts", "parts", false],
  ["idx", "idx/runs/b", false],
  ["none", "none/runs", false],
])("of %s, %s is read as a class: %s", async (data, place, expected) => {
  expect(await isReadAsClass(join(root, data), join(root, place))).toBe(expected);
});
