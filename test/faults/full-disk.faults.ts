import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliHere } from "../cli-process.ts";
import { smallDisk } from "../small-disk.ts";

// What the processes of a study's cells inherit.
process.execArgv.push("--import", "tsx");
const folder = mkdtempSync(join(tmpdir(), "alignreg-full-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const disk = smallDisk(3 << 20);
afterAll(() => {
  if (typeof disk !== "string") disk.remove();
});

const model = join(folder, "trained", "model.onnx");
const small = ["--limit", "40", "--epochs", "1", "--batch-size", "20"];
const study = join(folder, "study.yaml");
const finished = join(folder, "finished");
writeFileSync(
  study,
  `name: full
data: { name: mnist, train: 32, validation: 8, test: 8 }
epochs: 1
batchSize: 16
families: [rotation]
methods: [base]
`,
);

beforeAll(async () => {
  expect((await cliHere("train", ...small, "--out", join(folder, "trained"))).code).toBe(0);
  const made = await cliHere("study", "run", study, "--out", finished);
  expect(made.code, made.stderr).toBe(0);
});

/** Every command that writes, with where; and the room in bytes with which it comes at least once to each of its files. */
const commands: readonly { name: string; args: (to: string) => string[]; rooms: readonly number[] }[] = [
  {
    name: "train",
    args: (to) => ["train", ...small, "--out", to, "--resume"],
    rooms: [0, 4096, 16_384, 300_000, 760_000, 900_000],
  },
  {
    name: "evaluate --json",
    args: (to) => ["evaluate", model, "--limit", "20", "--json", to],
    rooms: [0],
  },
  {
    name: "transforms --out",
    args: (to) => ["transforms", "rotation", "--count", "2", "--out", to],
    rooms: [0, 4096],
  },
  {
    name: "demo",
    args: (to) => ["demo", "--limit", "40", "--epochs", "1", "--out", to],
    rooms: [0, 8192, 300_000],
  },
  {
    name: "study run",
    args: (to) => ["study", "run", study, "--out", to, "--retries", "0"],
    rooms: [0, 12_288, 300_000],
  },
  {
    name: "study collect --out",
    args: (to) => ["study", "collect", finished, "--format", "json", "--out", to],
    rooms: [0],
  },
];

const hashes = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, createHash("sha256").update(readFileSync(file)).digest("hex")]),
  );

const isTemporary = (path: string) => path.endsWith(".tmp");

afterEach(() => {
  if (typeof disk === "string") return;
  for (const name of readdirSync(disk.path)) rmSync(join(disk.path, name), { recursive: true });
});

describe("on a disk that fills up", () => {
  beforeEach(({ skip }) => {
    if (typeof disk === "string") skip(disk);
  });
  const at = typeof disk === "string" ? "" : disk.path;
  const filler = join(at, "filler");

  /** Fills the disk, but for so many bytes. */
  function leave(room: number): void {
    const { bavail, bsize } = statfsSync(at);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room)));
  }

  test.each(commands.flatMap(({ rooms, ...command }) => rooms.map((room) => ({ ...command, room }))))(
    "$name with $room bytes free",
    async ({ args, room, name }) => {
      const to = join(at, "out");
      const isFile = ["--json", "--out"].some((option) => name.endsWith(option));
      if (isFile) writeFileSync(to, "old");
      leave(room);
      const full = await cliHere(...args(to));
      expect(full.code, full.stderr).toBe(1);
      expect(full.stderr).toMatch(/ENOSPC|failed, or could not follow/);
      expect(full.stderr).toContain(at);
      expect(full.stderr).not.toContain("this is a bug");
      if (isFile) expect(readFileSync(to, "utf8")).toBe("old");
      expect(Object.keys(hashes(at)).filter(isTemporary)).toEqual([]);
      // The same command, with room: nothing that was cut is in its way.
      rmSync(filler);
      const free = await cliHere(...args(to));
      expect(free.code, free.stderr).toBe(0);
    },
  );

  test("a training whose disk fills up goes on from its last checkpoint", async () => {
    const to = join(at, "out");
    mkdirSync(to);
    const args = ["train", ...small.with(3, "3"), "--out", to, "--resume"];
    const checkpoint = join(to, "checkpoint.onnx");
    // The first checkpoint fits; the second, beside it, does not.
    leave(800_000);
    const full = await cliHere(...args);
    expect(full.code, full.stderr).toBe(1);
    expect(full.stderr).toContain(`Cannot write ${checkpoint}: the disk is full (ENOSPC)`);
    expect(existsSync(checkpoint)).toBe(true);
  });
});

describe("where no file may be larger than 1 kB", () => {
  beforeEach(({ skip }) => {
    if (process.platform === "win32") skip("not on Windows: it limits no sizes of files");
  });
  test.each(commands)("$name", ({ args, name }) => {
    const to = join(folder, "limited");
    const isFile = ["--json", "--out"].some((option) => name.endsWith(option));
    if (isFile) writeFileSync(to, "old");
    const command = `ulimit -f 1; exec "${process.execPath}" --import tsx src/cli/main.ts "$@"`;
    const env = { ...process.env, TSX_DISABLE_CACHE: "1" };
    const { status, stderr } = spawnSync("bash", ["-c", command, "bash", ...args(to)], {
      encoding: "utf8",
      env,
    });
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/EFBIG|failed, or could not follow/);
    expect(stderr).not.toContain("this is a bug");
    if (isFile) expect(readFileSync(to, "utf8")).toBe("old");
    rmSync(to, { recursive: true, force: true });
  });
});
