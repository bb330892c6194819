import { defineConfig } from "vitest/config";

/** A suite of its own, for skips.test.ts. */
export default defineConfig({
  server: { host: "127.0.0.1" },
  test: { include: ["*.skip.ts"], reporters: ["default", "../report-skips.ts"], pool: "threads" },
});
