import type { OptionTable } from "../../options/index.ts";
import type { LoadClassifierOptions } from "../load-classifier-options.ts";
import { fileRows } from "./run-options.ts";

/** Every option of `loadClassifier`. */
export const loadClassifierTable = { ...fileRows } satisfies OptionTable<LoadClassifierOptions>;
