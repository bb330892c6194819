import { expect, test } from "vitest";
import { zooNets, zooRows, zooShare } from "./zoo-case.ts";
import { checkRows } from "./zoo-checks.ts";

const rows = zooRows();
test("sixty nets and more, in every form", () => {
  expect(zooNets().length).toBeGreaterThanOrEqual(60);
  for (const kind of ["plain", "training", "folded", "dynamo", "dynamo-plain"])
    expect(rows.filter(({ form }) => form.kind === kind).length, kind).toBeGreaterThan(3);
  for (const opset of [13, 17, 18, 20, 23])
    expect(
      rows.some(({ form }) => form.opset === opset),
      String(opset),
    ).toBe(true);
});

checkRows(zooShare("usual"));
