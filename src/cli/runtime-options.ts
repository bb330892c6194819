import type { Command } from "commander";
import { fitTable } from "../api/index.ts";
import type { ExecutionProvider } from "../runtime/index.ts";
import { tableOption } from "./table-option.ts";

/** The options that say where models run. */
export interface RuntimeFlags {
  readonly threads: number;
  readonly provider: ExecutionProvider;
}

export const addRuntimeOptions = (command: Command): Command =>
  command.addOption(tableOption(fitTable.threads)).addOption(tableOption(fitTable.executionProvider));
