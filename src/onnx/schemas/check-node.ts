/** Whether a node of a file is one of its operator: what reads graphs takes that for granted. */
import { type Attribute, type Attributes, describeNode } from "../attribute.ts";
import { InvalidModelError } from "../errors.ts";
import type { GraphNode } from "../graph.ts";
import { type Parameters, schemas } from "./schema.ts";

/**
 * Checks how many inputs and outputs a node has, and its attributes' kinds. Operators that are not known, and other domains,
 * are nobody's business here.
 *
 * @throws InvalidModelError
 */
export function checkNode(node: GraphNode): void {
  const schema = node.domain === "" ? schemas.get(node.opType) : undefined;
  if (!schema) return;
  checkCount(node, "input", node.inputs, schema.inputs);
  checkCount(node, "output", node.outputs, schema.outputs);
  for (const [key, { kinds, isRequired }] of schema.attributes) {
    const value = attributeOf(node.attributes, key);
    if (value === undefined) {
      if (isRequired)
        throw new InvalidModelError(`${describeNode(node)} lacks its attribute "${key}". ${DAMAGED}`);
    } else if (!kindsOf(value).some((kind) => kinds.includes(kind))) {
      throw new InvalidModelError(
        `Attribute "${key}" of ${describeNode(node)} is not ${[...kinds].map((kind) => kindNames[kind]).join(" or ")}. ${DAMAGED}`,
      );
    }
  }
  // ONNX Runtime 1.30 reads behind the end of its list of lengths, and ends the process.
  const parts = node.opType === "Split" ? attributeOf(node.attributes, "num_outputs") : undefined;
  if (typeof parts === "number" && node.outputs.length > parts) {
    throw new InvalidModelError(
      `${describeNode(node)} has ${node.outputs.length} outputs, and says that it has ${parts}. ${DAMAGED}`,
    );
  }
}

const DAMAGED = "The file is damaged, or its exporter is at fault: export it again.";

function checkCount(
  node: GraphNode,
  what: "input" | "output",
  names: readonly string[],
  { listed, least, most }: Parameters,
): void {
  const count = names.findLastIndex((name) => name !== "") + 1;
  if (count < least || count > most) {
    const needed =
      most === Infinity ? `${least} or more` : least === most ? `${least}` : `${least} to ${most}`;
    throw new InvalidModelError(
      `${describeNode(node)} has ${count} ${what}s; it needs ${needed}. ${DAMAGED}`,
    );
  }
  const lost = listed.findIndex(({ isRequired }, i) => isRequired && names[i] === "");
  // Of outputs, any may be left out.
  if (what === "input" && lost >= 0) {
    throw new InvalidModelError(`${describeNode(node)} lacks its input ${lost}. ${DAMAGED}`);
  }
}

const attributeOf = (attributes: Attributes, key: string): Attribute | undefined =>
  Object.hasOwn(attributes, key) ? attributes[key] : undefined;

const kindNames: Readonly<Record<string, string>> = {
  f: "a float",
  i: "an integer",
  s: "a string",
  t: "a tensor",
  g: "a graph",
  F: "a list of floats",
  I: "a list of integers",
  S: "a list of strings",
  p: "a type",
  x: "a sparse tensor",
};

/** The kinds that an attribute may be taken for: an empty list may be of integers or strings. */
function kindsOf(value: Attribute): readonly string[] {
  if (typeof value === "number") return ["i"];
  if (typeof value === "string") return ["s"];
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "number") ? (value.length > 0 ? ["I"] : ["I", "S"]) : ["S"];
  }
  if ("float" in value) return ["f"];
  if ("floats" in value) return ["F"];
  return "dtype" in value ? ["t"] : ["g", "p", "x"];
}
