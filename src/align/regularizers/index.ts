import { UsageError } from "../../tensor/index.ts";
import type { Regularizer } from "../regularizer.ts";
import { squaredL2 } from "./squared-l2.ts";

/** Alignment regularizers by name. To add one: a small file, a row here, a fixture. */
export const regularizers = { squaredL2: () => squaredL2 } satisfies Record<string, () => Regularizer>;

export type RegularizerName = keyof typeof regularizers;

/** The regularizer of that name. @throws UsageError listing the choices */
export function regularizerByName(name: string): Regularizer {
  if (!Object.hasOwn(regularizers, name)) {
    const choices = Object.keys(regularizers).join(", ");
    throw new UsageError(`Unknown regularizer "${name}". Choose one of: ${choices}.`);
  }
  return regularizers[name as RegularizerName]();
}
