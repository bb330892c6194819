/** An install that lacks a native package: what does not need it works, and what does says what to do, in a sentence. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { noRuntime } from "../src/runtime/no-runtime.ts";
import { compiled } from "./tools/compiled.ts";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** The compiled sources beside packages of which some lack their binary. @param lacking  as "sharp" */
function installWithout(lacking: "sharp" | "onnxruntime-node"): string {
  const folder = mkdtempSync(join(tmpdir(), "alignreg-lacking-"));
  folders.push(folder);
  const packages = join(folder, "node_modules");
  mkdirSync(packages);
  // sharp's binaries are packages of this scope, without which it is as npm leaves it by --omit=optional.
  const kept = readdirSync("node_modules").filter((name) => name !== lacking && name !== "@img");
  for (const name of kept) symlinkSync(join(process.cwd(), "node_modules", name), join(packages, name));
  cpSync(join("node_modules", lacking), join(packages, lacking), {
    recursive: true,
    // onnxruntime-node has the binaries of all platforms in its folder bin.
    filter: (path) => !path.endsWith(join("onnxruntime-node", "bin")),
  });
  mkdirSync(join(packages, "@img"));
  symlinkSync(join(process.cwd(), "node_modules", "@img", "colour"), join(packages, "@img", "colour"));
  cpSync(compiled, folder, { recursive: true });
  return folder;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const alignreg = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = ["cli.js", ...args];
    execFile(process.execPath, command, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

function photos(folder: string): string {
  for (const name of ["ant", "bee"]) {
    mkdirSync(join(folder, "photos", name), { recursive: true });
    cpSync("test/fixtures/image-files/rgb.png", join(folder, "photos", name, "1.png"));
  }
  return join(folder, "photos");
}

describe("without sharp's binary", () => {
  const folder = installWithout("sharp");

  test("the command answers and trains on MNIST", async () => {
    expect(await alignreg(folder, "--version")).toMatchObject({ code: 0, stdout: "0.1.0\n", stderr: "" });
    const options = ["--limit", "32", "--epochs", "1", "--out", "run"];
    expect(await alignreg(folder, "train", "--method", "base", ...options)).toMatchObject({ code: 0 });
  });

  test("a picture is refused with what to install", async () => {
    const { code, stderr } = await alignreg(folder, "transforms", "rotation", "--data", photos(folder));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: Pictures cannot be read: .* sharp, .* Install it: npm install .*sharp\.\n$/,
    );
  });
});

describe("without ONNX Runtime's binary", () => {
  const folder = installWithout("onnxruntime-node");

  test("what runs no graph works", async () => {
    expect(await alignreg(folder, "--version")).toMatchObject({ code: 0, stdout: "0.1.0\n", stderr: "" });
    const sheet = await alignreg(folder, "transforms", "rotation", "--out", "sheet.png");
    expect(sheet).toMatchObject({ code: 0 });
  });

  test("a training is refused with the reason", async () => {
    const { code, stderr } = await alignreg(folder, "train", "--limit", "32", "--out", "run");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: ONNX Runtime cannot be loaded: .*onnxruntime_binding\.node.*npm install/m,
    );
    expect(stderr).not.toMatch(/bug in alignreg|\n {4}at /);
  });
});

describe("a platform without a binary of ONNX Runtime is told", () => {
  const cause = new Error("Cannot find module '../bin/x'\nRequire stack:\n- a.js");

  test.each([
    [
      "the platforms there are",
      { name: "darwin x64", isMusl: false },
      /no binary for darwin x64\..*darwin arm64\.$/,
    ],
    ["that it needs glibc", { name: "linux x64", isMusl: true }, /needs glibc.* Alpine .*node:22-slim\.$/],
    ["how to install it again", { name: "linux x64", isMusl: false }, /'\.\.\/bin\/x' Install it again: npm/],
  ])("%s", (_, platform, tells) => {
    const { message } = noRuntime(cause, platform);
    expect(message).toMatch(tells);
    expect(message).not.toContain("\n");
  });
});
