/** The type that layers compute in. */
import { UsageError } from "../../tensor/index.ts";
import { isJson, property } from "./json.ts";
import type { StoredContainer } from "./stored-layer.ts";

/** @throws UsageError for layers that compute in anything but float32 */
export function checkPolicies(model: StoredContainer): void {
  const others = new Map<string, string>();
  const walk = (container: StoredContainer): void => {
    for (const { name, className, config, model: inner } of container.layers) {
      if (inner) walk(inner);
      // Whatever type images have when they enter Keras, they are numbers here.
      if (className === "InputLayer") continue;
      const policy = policyOf(config.dtype);
      if (policy !== undefined && policy !== "float32" && !others.has(policy)) others.set(policy, name);
    }
  };
  walk(model);
  const [first] = others;
  if (!first) return;
  throw new UsageError(
    `The model "${model.name}" computes in ${[...others.keys()].join(", ")} (layer "${first[1]}"), and training here is in ` +
      `float32. Build it with keras.config.set_dtype_policy("float32"), take over its weights by ` +
      `model.set_weights(old.get_weights()), and save that.`,
  );
}

/** A name, or {class_name: "DTypePolicy", config: {name}}. */
function policyOf(dtype: unknown): string | undefined {
  if (typeof dtype === "string") return dtype;
  const config = isJson(dtype) ? property(dtype, "config") : undefined;
  const name = isJson(config) ? property(config, "name") : undefined;
  return typeof name === "string" ? name : undefined;
}
