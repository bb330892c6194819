#!/usr/bin/env node
import { letOutputFail } from "./print.ts";
import { run } from "./program.ts";
import { outliveTerminals } from "./signals.ts";

letOutputFail();
outliveTerminals();
process.exitCode = await run(process.argv.slice(2));
