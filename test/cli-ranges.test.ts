/** A range searched from the command line: every flag arrives, and what is wrong is said in a line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { EvaluationResult } from "../src/api/index.ts";
import { cliHere } from "./cli-process.ts";
import { useCompiledProcesses } from "./tools/compiled-processes.ts";

useCompiledProcesses();

const folder = mkdtempSync(join(tmpdir(), "alignreg-ranges-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);
const evaluate = (...flags: readonly string[]) =>
  cliHere("evaluate", "test/fixtures/evaluate/lenet.onnx", "--data", "mnist", "--limit", "24", ...flags);
const affine = ["--transforms", "affine:rotation=-20..20,x=-1..1"];

describe("a range on the command line", () => {
  test.each([
    [["--grid", "3,2"], { kind: "grid", points: 6, sample: 10 }],
    [
      ["--search", "random", "--search-draws", "4", "--sample", "2"],
      { kind: "random", points: 4, sample: 2 },
    ],
    [
      ["--search", "gradient", "--search-starts", "2", "--search-steps", "1", "--search-step-size", "0.25"],
      { kind: "gradient", points: 4, gradient: { starts: 2, steps: 1, stepSize: 0.25 } },
    ],
    [["--points", inFolder("points.json")], { kind: "points", points: 2 }],
    [["--grid", "3,2", "--jobs", "2"], { kind: "grid", points: 6, sample: 10 }],
  ])("is searched as %j say", async (flags, search) => {
    writeFileSync(inFolder("points.json"), "[[20, 1], [-20, -1]]");
    const { code, stdout, stderr } = await evaluate(...affine, ...flags, "--json", "-");
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout) as EvaluationResult;
    expect(result.search).toMatchObject(search);
    expect(result.manifest.config).toMatchObject({ search: search.kind });
    expect(stderr).toMatch(/Robust accuracy and the worst case are of /);
  });

  test.each([
    [[...affine, "--grid", "3"], /A grid of 3 values does not go with the parameters rotation, x/],
    [[...affine, "--grid", "3,x"], /Give a whole number for each parameter/],
    [[...affine, "--search-draws", "5"], /searchDraws would change nothing, as a grid is searched/],
    [[...affine, "--search", "gird"], /gird.*grid, random, gradient/],
    [[...affine, "--search", "gradient", "--search-step-size", "2"], /2/],
    [[...affine, "--points", inFolder("none.json")], /The points in .*none.json cannot be read/],
    [[...affine, "--points", inFolder("record.json")], /holds no list of points/],
    [[...affine, "--points", inFolder("short.json")], /Point 0 is \[1\]/],
    [["--transforms", "rotation:15,30", "--sample", "5"], /sample is of a family with a range/],
    [["--transforms", "rotation:15,30", "--jobs", "2"], /jobs is of a family with a range/],
    [[...affine, "--jobs", "0"], /0.*1/],
    [[...affine, "--jobs", "5000"], /asks for 5,000 processes; 256 are allowed/],
    [["--transforms", "rotation:-20..20,nearest", "--search", "gradient"], /interpolation "nearest"/],
  ])("is refused with %j", async (flags, message) => {
    writeFileSync(inFolder("record.json"), "{}");
    writeFileSync(inFolder("short.json"), "[[1]]");
    const { code, stderr } = await evaluate(...flags);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
    // A line, and no stack.
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
