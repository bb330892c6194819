import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-crop-"));
afterAll(() => rmSync(folder, { recursive: true }));

const trained = (name: string, ...args: readonly string[]) =>
  cliHere(
    "train",
    "--limit",
    "64",
    "--epochs",
    "1",
    "--batch-size",
    "32",
    "--out",
    join(folder, name),
    ...args,
  );

describe("alignreg train", () => {
  test("hands crop and flip on to training, which they change", async () => {
    for (const [name, args] of [
      ["plain", []],
      ["both", ["--crop", "4", "--flip"]],
    ] as const) {
      const { code, stderr } = await trained(name, "--method", "base", ...args);
      expect(code, stderr).toBe(0);
    }
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "both", "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ config: { crop: 4, flip: true }, options: { crop: 4, flip: true } });
    const bytes = (name: string) => readFileSync(join(folder, name, "model.onnx"));
    expect(bytes("both").equals(bytes("plain"))).toBe(false);
  });

  test.each([
    [
      "eager views of images that change",
      ["--augmentation", "eager", "--flip"],
      1,
      "Leave --augmentation out",
    ],
    ["a crop that leaves nothing", ["--crop", "28"], 1, "whole number from 0 to 27"],
    ["half a pixel", ["--crop", "0.5"], 2, "whole number of at least 0"],
  ])("refuses %s", async (_, args, code, message) => {
    const refused = await trained("refused", ...args);
    expect(refused.stderr).toContain(message);
    expect(refused.code).toBe(code);
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });
});
