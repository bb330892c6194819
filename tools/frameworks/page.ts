/** Writes docs/frameworks.md from tools/frameworks/results and refused.ts: `npx tsx tools/frameworks/page.ts` */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { frameworksPage } from "./frameworks-page.ts";

const page = await frameworksPage((file) => readFileSync(join(import.meta.dirname, "results", file), "utf8"));
writeFileSync(join(import.meta.dirname, "..", "..", "docs", "frameworks.md"), page);
