/** Writes docs/frameworks.md from tools/frameworks/results and refused.ts: `npx tsx tools/frameworks/page.ts` */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { frameworksPage } from "./frameworks-page.ts";
import { resultsFile } from "./results-file.ts";

writeFileSync(
  join(import.meta.dirname, "..", "..", "docs", "frameworks.md"),
  await frameworksPage(resultsFile),
);
