/** Streams that are closed, full, or read to the first line only, in real processes and a real shell. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { compiledCli } from "./tools/compiled.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-streams-"));
afterAll(() => rmSync(folder, { recursive: true }));

const noFullDevice = existsSync("/dev/full") ? null : "no /dev/full: only Linux has it";
beforeEach(({ skip }) => {
  if (noFullDevice) skip(noFullDevice);
});

/** `$cli` is the command line; exit codes of a pipe's first part come through a file. */
const shell = (script: string) =>
  spawnSync("sh", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, cli: `${process.execPath} ${relative(".", compiledCli)}`, folder },
  });

const training = "train --limit 40 --epochs 1 --batch-size 20";

test.each([
  [
    "read-once",
    `{ $cli ${training} --out $folder/read-once 2>&1; echo $? > $folder/code; } | head -n 1; exit $(cat $folder/code)`,
  ],
  ["full", `$cli ${training} --out $folder/full > /dev/full 2> /dev/full`],
  ["closed", `$cli ${training} --out $folder/closed >&- 2>&-`],
])("a training whose streams are %s ends with its files", (out, script) => {
  expect(shell(script).status).toBe(0);
  expect(readdirSync(join(folder, out)).sort()).toEqual(
    expect.arrayContaining(["manifest.json", "metrics.jsonl", "model.onnx", "weights.safetensors"]),
  );
});

test("a result that cannot be printed is one message and a failure; one that is read to its first line is neither", () => {
  const model = `$folder/full/model.onnx --limit 20`;
  const full = shell(
    `$cli evaluate ${model} 2> $folder/said > /dev/full; code=$?; grep error: $folder/said; exit $code`,
  );
  expect(full.status).toBe(1);
  expect(full.stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/^error: Cannot write to stdout: .*ENOSPC/),
  ]);
  const once = shell(
    `{ $cli evaluate ${model} 2> $folder/said; echo $? > $folder/code; } | head -n 1; cat $folder/code; grep -c error: $folder/said`,
  );
  expect(once.stdout.trim().split("\n").slice(-2)).toEqual(["0", "0"]);
});
