import { InvalidArgumentError, Option } from "commander";
import { familyFromSpec, modulePaths } from "../augment/index.ts";
import { UsageError } from "../tensor/index.ts";

/** `--transforms`, a specification for `loadFamily`; checked at once but for modules, which are files to read. */
export const transformsOption = (purpose: string): Option =>
  new Option("--transforms <spec>", `${purpose}; see alignreg transforms`)
    .argParser(familySpec)
    .default("rotation");

/** A family's specification as it stands on a command line. @throws InvalidArgumentError */
export function familySpec(text: string): string {
  try {
    if (modulePaths(text).length === 0) familyFromSpec(text);
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
  }
  return text;
}
