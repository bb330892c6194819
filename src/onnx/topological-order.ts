import { describeNode } from "./attribute.ts";
import { ModelError } from "./errors.ts";
import type { GraphNode } from "./graph.ts";

/**
 * Nodes so that each comes after those whose outputs it reads; the given order is kept where it already does.
 *
 * @param sources names that are there from the start: graph inputs and initializers
 * @throws ModelError for a value made twice, one that nothing makes, or a cycle, naming the nodes
 */
export function topologicalOrder(nodes: readonly GraphNode[], sources: Iterable<string>): GraphNode[] {
  const available = new Set(sources);
  const producer = new Map<string, GraphNode>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      const first = producer.get(output);
      if (first || available.has(output)) {
        const other = first ? describeNode(first) : "an input or initializer";
        throw new ModelError(`Value "${output}" is made twice: by ${other} and by ${describeNode(node)}.`);
      }
      producer.set(output, node);
    }
  }

  const ordered: GraphNode[] = [];
  const state = new Map<GraphNode, "open" | "done">();
  for (const root of nodes) {
    // A stack, not recursion: deep networks overflow the call stack.
    const stack = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const { node } = frame;
      if (state.get(node) === "done") {
        stack.pop();
        continue;
      }
      state.set(node, "open");
      if (frame.next === node.inputs.length) {
        state.set(node, "done");
        ordered.push(node);
        stack.pop();
        continue;
      }
      const input = node.inputs[frame.next++];
      if (input === "" || available.has(input)) continue;
      const maker = producer.get(input);
      if (!maker) {
        throw new ModelError(
          `${describeNode(node)} reads "${input}", which is no graph input, initializer or node output.`,
        );
      }
      if (state.get(maker) === "open") {
        const path = stack.slice(stack.findIndex((f) => f.node === maker)).map((f) => describeNode(f.node));
        throw new ModelError(`The graph has a cycle: ${path.join(" <- ")} <- ${describeNode(maker)}.`);
      }
      if (state.get(maker) !== "done") stack.push({ node: maker, next: 0 });
    }
  }
  return ordered;
}
