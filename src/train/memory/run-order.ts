import type { TypedNode } from "../../onnx/index.ts";

/**
 * The nodes in the order in which ONNX Runtime runs them, as positions in `nodes`: from each node that nothing reads,
 * the last one first, back through its inputs, those made latest first. It decides how long values live.
 *
 * Source: ONNX Runtime 1.23, Graph::ReverseDFSFrom and the default order of GraphViewer.
 */
export function runOrder(nodes: readonly TypedNode[]): number[] {
  const maker = new Map<string, number>();
  nodes.forEach((node, i) => node.outputs.forEach(({ name }) => maker.set(name, i)));
  const sources = nodes.map(({ inputs }) => {
    const made = inputs.flatMap((value) => (value ? (maker.get(value.name) ?? []) : []));
    return [...new Set(made)].sort((a, b) => a - b);
  });
  const isRead = new Set(sources.flat());
  const stack = nodes.flatMap((_, i) => (isRead.has(i) ? [] : [{ node: i, isLeft: false }]));
  const visited = new Set<number>();
  const order: number[] = [];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { node, isLeft } = entry;
    if (isLeft) order.push(node);
    else if (!visited.has(node)) {
      visited.add(node);
      stack.push({ node, isLeft: true });
      for (const source of sources[node]) {
        if (!visited.has(source)) stack.push({ node: source, isLeft: false });
      }
    }
  }
  return order;
}
