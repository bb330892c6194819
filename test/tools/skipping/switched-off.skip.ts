import { test } from "vitest";

test.skip("in its code", () => undefined);
test("runs", () => undefined);
