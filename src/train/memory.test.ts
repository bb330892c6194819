import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("memory stays flat over 1,604 steps, partial batches included", () => {
  const script = join(import.meta.dirname, "../../test/steady-memory.ts");
  const output = execFileSync(process.execPath, ["--expose-gc", "--import", "tsx", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  const atEpochEnd = JSON.parse(output) as number[];
  expect(atEpochEnd).toHaveLength(4);
  // Measured: 0 to 5 MB of noise. 20 MB over 1,203 steps would be 17 kB a step; a batch with its views is 23 kB.
  expect(atEpochEnd[3] - atEpochEnd[0], `MB at the ends of the epochs: ${output}`).toBeLessThan(20);
});
