import {
  type GraphBuilder,
  UnsupportedOpError,
  type Value,
  describeNode,
  opaqueOperator,
  qualifiedName,
} from "../onnx/index.ts";
import { isFloat } from "../tensor/index.ts";
import type { RuleEntry, RuleNode } from "./rule.ts";
import { gradientRules } from "./rules/index.ts";

/**
 * Reverse-mode differentiation: adds the backward pass of everything that leads to `loss` to the builder.
 *
 * @param loss  a scalar
 * @param wrt   the values to differentiate by
 * @param own   a user's rules, by operator, before ours
 * @returns     d loss / d value, of the same shape, for each; zeros where the loss does not depend on it
 * @throws UnsupportedOpError for an operator without a gradient rule between the two
 */
export function backward(
  g: GraphBuilder,
  loss: Value,
  wrt: readonly Value[],
  own: ReadonlyMap<string, RuleEntry> = new Map(),
): Value[] {
  const nodes = [...g.nodes];
  const dependent = dependents(nodes, wrt);
  const gradients = new Map<string, Value>([[loss.name, g.full(loss.shape, 1, loss.dtype)]]);

  for (const found of nodes.reverse()) {
    // What we know nothing of but its types: a user may know its gradient.
    const node = { ...found, ...opaqueOperator(found) };
    const { opType, domain, name } = node;
    const isReached = node.outputs.some((output) => gradients.has(output.name) && dependent.has(output.name));
    // A node whose output is differentiated by, but not what it is made of, passes nothing on.
    const passesOn = node.inputs.some((input) => input && dependent.has(input.name));
    if (!isReached || !passesOn) continue;
    const key = qualifiedName(domain, opType);
    const entry = own.get(key) ?? gradientRules.get(key);
    if (!entry) {
      throw new UnsupportedOpError(
        `No gradient rule for ${describeNode(node)}, which lies between the loss and a trained parameter. ` +
          `Freeze the parameters before it, or give a rule (gradients, defineGradient).`,
        { opType, node: name },
      );
    }
    const dys = node.outputs.map((y) => gradients.get(y.name) ?? g.full(y.shape, 0, y.dtype));
    const ruleNode = { ...node, outputCount: node.outputs.length } as RuleNode;
    const dxs = entry.rule(g, ruleNode, dys);
    node.inputs.forEach((x, i) => {
      const dx = dxs[i];
      if (!x || !dx || !dependent.has(x.name)) return;
      const summed = g.sumTo(dx, x.shape);
      const before = gradients.get(x.name);
      gradients.set(x.name, before ? g.add(before, summed) : summed);
    });
  }
  return wrt.map((x) => gradients.get(x.name) ?? g.full(x.shape, 0, x.dtype));
}

/** Names of the floating-point values that depend on any of `sources`, themselves included. */
function dependents(nodes: GraphBuilder["nodes"], sources: readonly Value[]): Set<string> {
  const names = new Set(sources.map((value) => value.name));
  for (const node of nodes) {
    if (!node.inputs.some((input) => input && names.has(input.name))) continue;
    for (const output of node.outputs) if (isFloat(output.dtype)) names.add(output.name);
  }
  return names;
}
