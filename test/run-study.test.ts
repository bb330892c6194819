/** `runStudy` from TypeScript: stopped by a signal, gone on with, and the same as from the command line. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type StudyEvent, runStudy } from "../src/index.ts";
import { decidedFiles } from "./study-folder.ts";
import { childProcesses, noProcesses } from "./tools/processes.ts";
import { useCompiledProcesses } from "./tools/compiled-processes.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-run-study-"));
useCompiledProcesses();
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "study.yaml");
writeFileSync(
  file,
  `name: signalled
data: { name: mnist, train: 256, validation: 16, test: 32 }
epochs: 2
batchSize: 16
families: [rotation]
testFamilies: [contrast]
methods: [base, vwa]
seeds: [0, 1]
`,
);

test("a signal ends its processes and frees the folder; the same call goes on to the same bytes", async ({
  skip,
}) => {
  if (noProcesses) skip(noProcesses);
  const out = join(folder, "stopped");
  const controller = new AbortController();
  const reason = new Error("enough");
  const events: StudyEvent["kind"][] = [];
  const cells = () => childProcesses(process.pid, "cell-process");
  let cellsBefore = 0;
  const stopped = runStudy(file, {
    out,
    jobs: 2,
    checkpointSeconds: 0,
    signal: controller.signal,
    onEvent(event) {
      events.push(event.kind);
      // In the middle of the second pair of cells.
      if (event.kind === "progress" && events.includes("done")) {
        cellsBefore ||= cells().length;
        controller.abort(reason);
      }
    },
  });
  await expect(stopped).rejects.toBe(reason);
  expect(cellsBefore).toBeGreaterThan(0);
  expect(cells()).toEqual([]);
  expect(existsSync(join(out, "lock"))).toBe(false);
  expect(events).not.toContain("failed");

  let doneBefore = -1;
  const { overview, result, files } = await runStudy(file, {
    out,
    jobs: 2,
    onStart: (tell) => (doneBefore = tell().total.done),
  });
  expect(doneBefore).toBeGreaterThan(0);
  expect(overview.total).toMatchObject({ failed: 0, left: 0, running: 0 });
  expect(result.cells.map(({ family, column }) => `${family} ${column}`)).toEqual([
    "rotation base",
    "rotation vwa",
    "rotation-tested-under-contrast base",
    "rotation-tested-under-contrast vwa",
  ]);
  for (const { family, runs } of result.cells) {
    const members = runs.map(({ scores }) => scores!.members[1].name);
    expect(members).toEqual(
      family === "rotation" ? ["rotation 15°", "rotation 15°"] : ["contrast x/2", "contrast x/2"],
    );
  }
  expect([...files.keys()]).toEqual(expect.arrayContaining(["results.json", "tables.txt", "tables.md"]));

  const unbroken = join(folder, "unbroken");
  await runStudy(file, { out: unbroken, jobs: 1 });
  expect(decidedFiles(out)).toEqual(decidedFiles(unbroken));
}, 300_000);

test("a signal that has stopped already leaves no folder behind", async () => {
  const out = join(folder, "never");
  await expect(runStudy(file, { out, signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
  expect(existsSync(out)).toBe(false);
});

test("results are not written where the data has its classes", async () => {
  const photos = join(folder, "photos");
  for (const name of ["cat", "dog"]) {
    mkdirSync(join(photos, name), { recursive: true });
    cpSync(join(import.meta.dirname, "fixtures/image-files/rgba.png"), join(photos, name, "1.png"));
  }
  const study = join(folder, "own.yaml");
  writeFileSync(study, "name: own\ndata: { name: ./photos }\nfamilies: [rotation]\n");
  const out = join(photos, "results");
  await expect(runStudy(study, { out })).rejects.toThrow(/results, lies among the class folders of/);
  expect(existsSync(out)).toBe(false);
});
