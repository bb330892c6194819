import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { StudyFolder, StudyRunner, parseStudy } from "../src/study/index.ts";
import { useCompiledProcesses } from "./tools/compiled-processes.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-runner-"));
useCompiledProcesses();
afterAll(() => rmSync(folder, { recursive: true }));

test("a run ends, even when its last cell does so while the folder is being written", async () => {
  const text = `name: slow
data: { name: mnist, train: 32, validation: 8, test: 8 }
epochs: 1
batchSize: 16
families: [rotation]
methods: [base]
`;
  const placed = { study: parseStudy(text, "slow.yaml"), directory: folder };
  const out = new StudyFolder(join(folder, "out"));
  const lock = await out.open(placed, text, console.error);
  let cellEnded = () => {};
  const lastCell = new Promise<void>((resolve) => (cellEnded = resolve));
  // A disk so slow that the cell is done first.
  out.writeRunning = () => lastCell;
  const runner = new StudyRunner(placed, out, {
    jobs: 1,
    retries: 0,
    command: "",
    onEvent: ({ kind }) => {
      if (kind === "done" || kind === "failed") cellEnded();
    },
  });
  const { total } = await runner.run();
  lock.release();
  expect(total).toMatchObject({ failed: 0, running: 0 });
}, 60_000);
