import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OPERATORS_PAGE, operatorsPage } from "../tools/operators.ts";

test("docs/operators.md is what the rule tables say (npx tsx tools/operators.ts writes it)", () => {
  expect(readFileSync(OPERATORS_PAGE, "utf8")).toBe(operatorsPage());
});
