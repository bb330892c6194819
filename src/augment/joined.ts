import { type Transform, type TransformFamily, family } from "./family.ts";

/** A family made of others: their names joined by `sign`, each of their units once, all of their modules, their specifications. */
export function joined(
  families: readonly TransformFamily[],
  sign: "+" | "/",
  transforms: readonly Transform[],
): TransformFamily {
  const units = new Set(families.map(({ unit }) => unit).filter((unit) => unit !== ""));
  // A sum inside a composition keeps its brackets, so that the name can be read only one way.
  const names = families.map(({ name }) => (sign === "/" && name.includes("+") ? `(${name})` : name));
  const specs = families.flatMap(({ spec }) => (spec ? [spec] : []));
  const isSpecified = specs.length === families.length;
  const modules = families.flatMap((each) => Object.entries(each.modules ?? {}));
  const madeBy = families.flatMap((each) => each.madeBy ?? []);
  return {
    ...family(names.join(sign), [...units].join("; "), transforms),
    ...(isSpecified && { spec: { [sign === "+" ? "union" : "compose"]: specs } }),
    ...(madeBy.length > 0 && { madeBy }),
    ...(modules.length > 0 && { modules: Object.fromEntries(modules) }),
  };
}
