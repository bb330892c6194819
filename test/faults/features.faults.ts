/** Frozen features from the command line, in processes of their own that are killed as a power cut would. */
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { cli, killGroup, removeFolder, startCli } from "../cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-features-"));
afterAll(() => removeFolder(folder));

/** Features of 10 kB an image: three parts of a cache. */
const net = ["--model", "resnet18", "--width", "4", "--trainable", "layer4.1.*,linear.*", "--threads", "1"];
const stages = ["--epochs", "2", "--unfreeze", "layer4.*", "--unfreeze-epochs", "1", "--batch-size", "100"];
const train = (out: string, cache: string) => [
  ...["train", "--limit", "1000", ...net, ...stages, "--out", out, "--cache", cache],
  ...["--checkpoint-seconds", "0", "--resume"],
];

const filesIn = (path: string, ending = ""): string[] =>
  existsSync(path)
    ? readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(ending))
    : [];
const textOf = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Starts a command and kills it once something is so. @returns whether it was in time */
async function killedOnce(args: readonly string[], isSo: () => boolean): Promise<boolean> {
  const { child, ended } = startCli(args);
  while (!isSo() && child.exitCode === null) await wait(2);
  if (child.exitCode === null) killGroup(child);
  return (await ended).signal === "SIGKILL";
}

test("a run killed while it fills the cache, while its head trains, and in its second stage ends in the same bytes", async () => {
  const [whole, cut] = [join(folder, "whole"), join(folder, "cut")];
  const caches = { whole: join(folder, "cache"), cut: join(folder, "cut-cache") };
  const unbroken = await cli(...train(whole, caches.whole));
  expect(unbroken.code, unbroken.stderr).toBe(0);
  expect(unbroken.stderr).toMatch(/1,000 images × 5 views: 512 numbers each, 10\.2 MB in .*cache/);
  expect(filesIn(caches.whole, ".features").length).toBe(3);

  const again = train(cut, caches.cut);
  const epochs = () => textOf(join(cut, "metrics.jsonl"));
  const moments: [string, () => boolean][] = [
    ["a part is written", () => filesIn(caches.cut, ".features").length > 0],
    ["the head trains", () => existsSync(join(cut, "checkpoint.onnx"))],
    ["the first stage is over", () => epochs().includes('"epoch":2')],
  ];
  for (const [moment, isSo] of moments) expect(await killedOnce(again, isSo), moment).toBe(true);
  const last = await cli(...again);
  expect(last.code, last.stderr).toBe(0);
  for (const name of ["model.onnx", "weights.safetensors", "metrics.jsonl"])
    expect(readFileSync(join(cut, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
  expect(filesIn(cut).sort()).toEqual(filesIn(whole).sort());
  const kept = (cache: string) =>
    filesIn(cache)
      .filter((name) => name.includes("."))
      .map((name) => [name, readFileSync(join(cache, name), "base64")])
      .sort();
  expect(kept(caches.cut)).toEqual(kept(caches.whole));
});
