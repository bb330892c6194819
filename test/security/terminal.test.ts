/** The displays that move the cursor, on a terminal: names of others in them stay text, and notes have lines of their own. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { compiledCli } from "../tools/compiled.ts";
import { expectHarmless, hostile, hostileName } from "./hostile-text.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-terminal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const photos = join(folder, `photos ${hostileName}`);
const family = join(folder, `family ${hostileName}.mjs`);
const study = join(folder, "study.yaml");

beforeAll(async () => {
  for (const [name, background] of [
    ["a", "#222"],
    [`b ${hostileName}`, "#ddd"],
  ]) {
    mkdirSync(join(photos, name), { recursive: true });
    const picture = sharp({ create: { width: 32, height: 32, channels: 3, background } }).toColourspace(
      "b-w",
    );
    for (const n of [1, 2]) await picture.png().toFile(join(photos, name, `${n}.png`));
  }
  writeFileSync(
    family,
    `export default { ${JSON.stringify(hostile)}: ({ data }) => data.map((v) => v / 2) };`,
  );
  writeFileSync(
    study,
    `name: harmless
data: { name: ${JSON.stringify(photos)}, train: 2, validation: 1, test: 2 }
families: [${JSON.stringify(family)}]
methods: [base]
epochs: 1
`,
  );
});

/** Runs a command line on a terminal of 100 columns, by util-linux's script. */
const onTerminal = (...args: readonly string[]) =>
  spawnSync(
    "script",
    [
      "-qec",
      `stty cols 100 rows 30; exec "$NODE" "$CLI" ${args.map((_, i) => `"$ARG${i}"`).join(" ")}`,
      "/dev/null",
    ],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        TERM: "xterm",
        SHELL: "/bin/sh",
        NODE: process.execPath,
        CLI: compiledCli,
        ...Object.fromEntries(args.map((arg, i) => [`ARG${i}`, arg])),
      },
    },
  );

const probe = spawnSync("script", ["-qec", "test -t 2 && stty cols 100 && echo yes", "/dev/null"], {
  encoding: "utf8",
});
beforeEach(({ skip }) => {
  if (!probe.stdout?.includes("yes")) skip("no terminal: util-linux's script makes none here");
});

const display = /\u001b(?:[78]|\[\??\d*(?:;\d+)*[A-HJKhlm])|\r/g;
const ours = (output: string) => output.replace(display, "");

test.each<[string, () => string[]]>([
  [
    "a training's bar",
    () => ["train", "--data", photos, "--epochs", "1", "--transforms", family, "--out", join(folder, "run")],
  ],
  ["a study's table", () => ["study", "run", study, "--out", join(folder, "study")]],
])("%s is drawn, and shows names as text", (_, args) => {
  const { stdout, status } = onTerminal(...args());
  expectHarmless(ours(stdout), "the terminal");
  expect(status, ours(stdout)).toBe(0);
  // It is the display of a terminal.
  expect(stdout).toMatch(/█|\u001b\[\d*[AGK]/);
  // The window is neither named nor emptied, and a note begins a line.
  expect(stdout).not.toContain("\u001b[2J");
  const notes = stdout.split("note: ").slice(0, -1);

  for (const before of notes) expect(before).toMatch(/(?:^|\n|\u001b\[\d*[GK])(?:\u001b\[\?7h)?$/);
  // Lines are broken again at the end.
  expect(stdout.lastIndexOf("\u001b[?7h")).toBeGreaterThanOrEqual(stdout.lastIndexOf("\u001b[?7l"));
});

test("an error that nothing catches leaves a terminal that breaks lines, and its text is text", () => {
  const module = join(folder, "later.mjs");
  const error = `throw new Error(${JSON.stringify(hostile)})`;
  writeFileSync(
    module,
    `export default { dark: ({ data }) => (setTimeout(() => { ${error}; }), data.map((v) => v / 2)) };`,
  );
  const { stdout, status } = onTerminal(
    ...["train", "--data", photos, "--epochs", "50", "--transforms", module, "--out", join(folder, "later")],
  );
  expectHarmless(ours(stdout), "the terminal");
  expect(status).toBe(1);
  expect(ours(stdout)).toMatch(/^error: this is a bug in alignreg/m);
  expect(stdout.lastIndexOf("\u001b[?7h")).toBeGreaterThanOrEqual(stdout.lastIndexOf("\u001b[?7l"));
});
