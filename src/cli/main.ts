#!/usr/bin/env node
import { letOutputFail } from "./print.ts";
import { run } from "./program.ts";
import { outliveTerminals } from "./signals.ts";
import { reportUncaught } from "./uncaught.ts";

letOutputFail();
outliveTerminals();
const args = process.argv.slice(2);
reportUncaught(args.includes("--verbose"));
process.exitCode = await run(args);
