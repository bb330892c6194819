import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readModel } from "../src/onnx/index.ts";
import { resultsSchema } from "../src/report/index.ts";
import { cli, cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-demo-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the demo trains both methods, prints a table and writes results, models and a report", async () => {
  const out = join(folder, "demo");
  const { code, stdout, stderr } = await cli("demo", "--limit", "512", "--epochs", "1", "--out", out);
  expect(code, stderr).toBe(0);
  expect(readdirSync(out).sort()).toEqual([
    ...["base.classifier.json", "base.onnx", "report.html", "results.json"],
    ...["rwa.classifier.json", "rwa.onnx"],
  ]);

  const results = resultsSchema.parse(JSON.parse(readFileSync(join(out, "results.json"), "utf8")));
  expect(results).toMatchObject([
    { method: "base", regularizer: null, lambda: null, samples: 512 },
    { method: "rwa", regularizer: "squaredL2", lambda: 0.1, samples: 512 },
  ]);
  expect(results[0].members.map(({ parameter }) => parameter)).toEqual([0, 15, 30, 45, 60]);
  for (const { method, cleanAccuracy } of results) {
    expect(stdout).toMatch(new RegExp(`│ ${method} +│ +${(100 * cleanAccuracy.value).toFixed(1)} │`));
    expect(readModel(readFileSync(join(out, `${method}.onnx`))).graph.name).toBe("lenet");
  }
  expect(stdout).toContain(`open ${join(out, "report.html")}`);
  expect(stdout).toContain(`evaluate ${join(out, "rwa.onnx")}`);

  const html = readFileSync(join(out, "report.html"), "utf8");
  expect(html).toContain("<svg");
  expect(html).toContain("rwa + squaredL2 (λ 0.1)");
  // Nothing to fetch: pictures are data, styles are inside, and there is no script.
  expect(html).not.toMatch(/<script|<link|@import|url\(/);
  for (const [, address] of html.matchAll(/\b(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^(data:|#)/);

  const again = await cliHere("demo", "--limit", "64", "--epochs", "1", "--out", out);
  expect(again.code, again.stderr).toBe(0);
  const replaced = resultsSchema.parse(JSON.parse(readFileSync(join(out, "results.json"), "utf8")));
  expect(replaced[0].samples).toBe(64);
});
