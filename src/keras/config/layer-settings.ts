/** A layer's settings as the table of layers takes them: TensorFlow.js's spelling, and what was left out filled in. */
import type { LayerConfig, LayerTerm } from "../model-layer.ts";
import { type Json, isJson, property } from "./json.ts";

/** Which Keras wrote a file; some settings mean something else in them. */
export type KerasMajor = 2 | 3;

/** snake_case to camelCase, keys alone. */
export const camelKeys = (config: Json): Json =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

/** @param raw  as the file has it */
export function layerSettings(raw: Json, keras: KerasMajor): LayerConfig {
  const config = camelKeys(raw);
  const entries = Object.entries(config).map(([key, value]): [string, unknown] =>
    /^(activation|recurrentActivation)$/.test(key) ? [key, activationOf(value, keras)] : [key, value],
  );
  return Object.fromEntries(entries);
}

/** A name that the table has, a layer's class and settings, or what is not known, to be refused. */
function activationOf(value: unknown, keras: KerasMajor): unknown {
  if (value === null || value === undefined) return "linear";
  if (typeof value === "string") return activationName(value, keras);
  if (!isJson(value)) return value;
  const className = property(value, "class_name");
  const config = property(value, "config");
  // A function of Keras' own may come as {class_name: "function", config: "relu6"}.
  if (className === "function" && typeof config === "string") {
    return property(value, "module") === "builtins" && property(value, "registered_name") === "function"
      ? `${config} (custom)`
      : activationName(config, keras);
  }
  return { className, config: isJson(config) ? layerSettings(config, keras) : {} };
}

/** Keras 2's hard sigmoid, and TensorFlow.js's, is steeper; both have Keras' other names in common. */
const activationName = (name: string, keras: KerasMajor): string =>
  name === "hard_sigmoid" && keras === 2 ? "hardSigmoid" : name;

/** Regularizers and constraints by the names of the settings; those that a layer has. */
export function layerTerms(config: LayerConfig): ReadonlyMap<string, LayerTerm> {
  const terms = new Map<string, LayerTerm>();
  for (const [key, value] of Object.entries(config)) {
    if (!/(Regularizer|Constraint)$/.test(key) || value === null || value === undefined) continue;
    terms.set(key, termOf(value));
  }
  return terms;
}

/** "l2" alone is l2 of 0.01, Keras' default. */
const named: ReadonlyMap<string, LayerTerm> = new Map([
  ["l1", { className: "L1L2", config: { l1: 0.01, l2: 0 } }],
  ["l2", { className: "L1L2", config: { l1: 0, l2: 0.01 } }],
  ["l1_l2", { className: "L1L2", config: { l1: 0.01, l2: 0.01 } }],
]);

function termOf(value: unknown): LayerTerm {
  if (typeof value === "string") return named.get(value) ?? { className: value, config: {} };
  if (!isJson(value)) return { className: "unknown", config: {} };
  const config = property(value, "config");
  return {
    className: String(property(value, "class_name")),
    config: isJson(config) ? config : {},
  };
}
