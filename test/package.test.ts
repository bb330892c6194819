/** What is packed, and what npm is told. scripts/check-package.sh packs, installs and uses the package. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

test("the package has the sources and docs, and no test, fixture or file of this machine", () => {
  // Without the build, which scripts/check-package.sh looks at.
  const json = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" });
  const [{ files }] = JSON.parse(json) as [Packed];
  const paths = files.map(({ path }) => path).filter((path) => !path.startsWith("dist/"));
  expect(paths).toEqual(
    expect.arrayContaining(["README.md", "LICENSE", "src/index.ts", "docs/install.md", "studies/smoke.yaml"]),
  );
  expect(
    paths.filter((path) => /\.test\.|fixtures|^(test|bench|tools|scripts|examples)\/|\.npmrc/.test(path)),
  ).toEqual([]);
});

test("packing without an install is refused in a sentence, and leaves no package", () => {
  const folder = mkdtempSync(join(tmpdir(), "alignreg-pack-"));
  try {
    for (const path of ["package.json", "tsconfig.json", "tsconfig.build.json", "scripts", "src", ".npmrc"]) {
      cpSync(path, join(folder, path), { recursive: true });
    }
    const packed = spawnSync("npm", ["pack"], { cwd: folder, encoding: "utf8" });
    expect(packed.status).not.toBe(0);
    expect(packed.stderr).toContain("error: The package is built before it is packed");
    expect(packed.stderr).toContain("Run: npm ci");
    expect(packed.stdout).not.toContain(".tgz");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a build that fails leaves nothing old to be packed", () => {
  const folder = mkdtempSync(join(tmpdir(), "alignreg-pack-"));
  try {
    cpSync("scripts/build.mjs", join(folder, "scripts", "build.mjs"), { recursive: true });
    // In place of the compiler, one that fails.
    mkdirSync(join(folder, "node_modules", "typescript", "bin"), { recursive: true });
    writeFileSync(join(folder, "node_modules", "typescript", "bin", "tsc"), "process.exit(2);");
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist", "deleted.js"), "");
    const built = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: folder, encoding: "utf8" });
    expect(built.status).toBe(1);
    expect(built.stdout).toBe("");
    expect(built.stderr).toContain("The build failed");
    expect(spawnSync("ls", [join(folder, "dist")]).status).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a clone's install fetches nothing but packages, by every npm", () => {
  const { scripts, allowScripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    scripts: Record<string, string>;
    allowScripts: Record<string, boolean>;
  };
  // npm 10 and 11 pass settings that they do not know on to scripts; later ones ask allowScripts.
  expect(readFileSync(".npmrc", "utf8")).toMatch(/^onnxruntime-node-install=skip$/m);
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const scripted = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
  const names = scripted.map((path) => path.replace(/^.*node_modules\//, ""));
  expect(names).toContain("onnxruntime-node");
  expect(names.filter((name) => allowScripts[name] !== false)).toEqual([]);
  // With `ignore-scripts`, npm would pack without the build.
  expect(readFileSync(".npmrc", "utf8")).not.toMatch(/ignore-scripts/);
  expect(scripts.prepack).toBe(scripts.build);
});
