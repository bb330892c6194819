import { UsageError } from "../../tensor/index.ts";
import { defineMethod } from "../define-method.ts";
import type { Method, MethodDefinition } from "../method.ts";
import { augmix } from "./augmix.ts";
import { base } from "./base.ts";
import { rva } from "./rva.ts";
import { rwa } from "./rwa.ts";
import { va } from "./va.ts";
import { vwa } from "./vwa.ts";

/** Training methods: the paper's by its abbreviations, then others'. */
export const methods = { base, va, rva, vwa, rwa, augmix } satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;

/** The columns of the paper's tables. */
export const paperMethods = ["base", "va", "rva", "vwa", "rwa"] as const satisfies readonly MethodName[];

/** A method by name or as it is. @throws UsageError for an unknown name, listing the choices, or no whole definition */
export function methodOf(given: string | MethodDefinition): Method {
  return typeof given === "string" ? methodByName(given) : defineMethod(given);
}

/** The method of that name. @throws UsageError listing the choices */
export function methodByName(name: string): Method {
  if (!Object.hasOwn(methods, name)) {
    throw new UsageError(`Unknown method "${name}". Choose one of: ${Object.keys(methods).join(", ")}.`);
  }
  return methods[name as MethodName];
}
