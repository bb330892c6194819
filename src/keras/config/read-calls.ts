/** The calls of layers in a functional model, as Keras 3 and Keras 2 list them. */
import { UsageError } from "../../tensor/index.ts";
import { type Json, isJson, needJson, needList, needText, property } from "./json.ts";
import { type CallReference, Reference, type StoredCall } from "./stored-layer.ts";

/**
 * @param nodes  `inbound_nodes`
 * @param name   the layer's
 */
export function callsOf(nodes: unknown, name: string): StoredCall[] {
  if (nodes === undefined || nodes === null) return [];
  return needList(nodes, `the inbound_nodes of "${name}"`).map((node) =>
    isJson(node) ? currentCall(node) : earlierCall(needList(node, `a node of "${name}"`), name),
  );
}

/** Keras 3: {args: [{class_name: "__keras_tensor__", config: {keras_history: [layer, node, tensor]}}], kwargs: {…}}. */
function currentCall(node: Json): StoredCall {
  const kwargs = needJson(property(node, "kwargs") ?? {}, "a call's kwargs");
  return {
    args: needList(property(node, "args") ?? [], "a call's args").map((value) => argument(value)),
    kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, argument(value)])),
  };
}

function argument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => argument(item));
  if (!isJson(value)) return value;
  if (property(value, "class_name") !== "__keras_tensor__") return value;
  const history = property(needJson(property(value, "config"), "a value"), "keras_history");
  return new Reference(referenceOf(history));
}

/**
 * Keras 2: [[layer, node, tensor, {…}], …], the other arguments in the record of the first; in those of its lambdas,
 * values are [layer, node, tensor] too. A layer that takes one value may have it without the outer list.
 */
function earlierCall(node: readonly unknown[], name: string): StoredCall {
  const inputs = typeof node[0] === "string" ? [node] : node;
  const references = inputs.map((input) => {
    const list = needList(input, `an input of "${name}"`);
    return list[0] === "_CONSTANT_VALUE" ? list[2] : new Reference(referenceOf(list.slice(0, 3)));
  });
  const first = inputs[0] as readonly unknown[] | undefined;
  const kwargs = first && isJson(first[3]) ? first[3] : {};
  return {
    args: references.length === 1 ? references : [references],
    kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, earlierArgument(value)])),
  };
}

function earlierArgument(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [layer, node, tensor] = value as unknown[];
  const isReference =
    value.length === 3 && typeof layer === "string" && Number.isInteger(node) && Number.isInteger(tensor);
  if (isReference && layer !== "_CONSTANT_VALUE") return new Reference(referenceOf(value));
  if (isReference) return tensor;
  return value.map((item) => earlierArgument(item));
}

/** A model's inputs or outputs: one, a list, or a record of them. */
export function referencesOf(value: unknown, what: string): CallReference[] {
  if (isJson(value)) return Object.values(value).map((item) => referenceOf(item));
  const list = needList(value, what);
  return typeof list[0] === "string" ? [referenceOf(list)] : list.map((item) => referenceOf(item));
}

function referenceOf(value: unknown): CallReference {
  const [layer, node, tensor] = needList(value, "a value's history");
  if (!Number.isInteger(node) || !Number.isInteger(tensor)) {
    throw new UsageError(`The model's configuration names a value by ${JSON.stringify(value)}.`);
  }
  return { layer: needText(layer, "a layer's name"), node: node as number, tensor: tensor as number };
}
