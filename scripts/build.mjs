/**
 * Builds dist/ anew, modules and types by TypeScript and the files for Node by bundle.mjs: files of deleted sources do not stay. `npm run build`, and what npm runs before it packs (prepack), so
 * that no package is without its build or with an old one. Plain JavaScript, because nothing may be installed yet.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** TypeScript's compiler as a file; undefined where nothing is installed. */
function compiler() {
  try {
    return createRequire(import.meta.url).resolve("typescript/bin/tsc");
  } catch {
    return undefined;
  }
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

const tsc = compiler();
if (tsc === undefined)
  fail("The package is built before it is packed, and TypeScript is missing. Run: npm ci");
rmSync(join(root, "dist"), { recursive: true, force: true });
// What npm pack prints on stdout is the package's name, for scripts to read.
const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
  stdio: ["ignore", 2, 2],
});
if (status !== 0) fail("The build failed; dist/ is not complete.");
const { bundle } = await import("./bundle.mjs");
await bundle(root, join(root, "dist", "node"));

const { exports, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const named = [...Object.values(exports), ...Object.values(bin)].flatMap((entry) =>
  typeof entry === "string" ? [entry] : Object.values(entry),
);
const missing = named.filter((path) => !existsSync(join(root, path)));
if (missing.length > 0) fail(`package.json names files that the build has not made: ${missing.join(", ")}.`);
