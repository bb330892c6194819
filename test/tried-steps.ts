import { expect, test } from "vitest";
import { loadClassifier, tryStep } from "../src/api/index.ts";
import { AlignregError } from "../src/tensor/index.ts";
import { type ZooRow, pathOf } from "./zoo-case.ts";
import { refusedForms } from "./zoo-refused.ts";

/** The step that `inspect` tries runs where `fit` runs, which test/zoo-checks.ts finds out. */
export function checkTriedSteps(rows: readonly ZooRow[]): void {
  const named = rows.map((row) => [row.form.file, row] as const);
  test.each(named)("a step of %s runs where fit runs", async (file, { net, form }) => {
    const classifier = await loadClassifier(pathOf(form));
    const tried = tryStep(classifier, file, { shape: net.image }, { threads: 1 });
    if (refusedForms.has(file)) await expect(tried).rejects.toBeInstanceOf(AlignregError);
    else await tried;
  });
}
