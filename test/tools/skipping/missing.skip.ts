import { test } from "vitest";

test("a browser", ({ skip }) => skip("no Chromium: as said in the test"));
test("runs", () => undefined);
