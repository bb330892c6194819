/** The forms that zoo.test.ts leaves out. */
import { expect, test } from "vitest";
import { checkTriedSteps } from "./tried-steps.ts";
import { zooRows, zooShare } from "./zoo-case.ts";
import { checkRows } from "./zoo-checks.ts";

test("no form is left out, none is run twice", () => {
  const files = [...zooShare("usual"), ...zooShare("long")].map(({ form }) => form.file);
  expect(files.sort()).toEqual(
    zooRows()
      .map(({ form }) => form.file)
      .sort(),
  );
});

checkRows(zooShare("long"));
checkTriedSteps(zooShare("long"));
