/**
 * Convolution and max pooling at once in a model that is run, not trained: `poolInPhases` where that is faster with weights that
 * are constants, in operators that every runtime has.
 *
 * ONNX Runtime computes channels in blocks of 8 or 16, and takes as long for one block of 8 as for two, whose pixels it loads once.
 * So LeNet's 6 channels cost as much as 16, of 28×28 numbers each; four phases of 6 cost 32 of 14×14. The sums are the same ones with zeros
 * among them: in the blocked kernels no bit changes, as long as numbers are finite.
 */
import { PHASE_MAX } from "../autodiff/index.ts";
import { type Graph, type GraphNode, intAttribute } from "../onnx/index.ts";
import { product } from "./conv-window.ts";
import { type PooledConvolution, poolInPhases } from "./pool-in-phases.ts";
import { reluAfterPool } from "./relu-after-pool.ts";

/** Channels that take as long as fewer. */
const BLOCK = 16;

/** Images of fewer channels are read as they are; more are summed in another order, and not measured. */
const INPUTS = 16;

/** Picking the largest phase costs too: measured, 0.72 of the products take 0.7 of the time, 0.9 of them take 1.1 to 1.4. */
const SHARE = 0.75;

/**
 * The same graph, faster where it pools few channels.
 *
 * @param graph  at the current opset
 * @param keep   tensors that somebody reads by name, and that must stay what they are
 * @param pays   which pools
 * @returns `graph` itself where nothing is gained
 */
export function phasesToRun(
  graph: Graph,
  keep: ReadonlySet<string> = new Set(),
  pays: (pair: PooledConvolution) => boolean = paysToRun,
): Graph {
  const phased = (left: Iterable<string>) => poolInPhases(reluAfterPool(graph, new Set(left)), keep, pays);
  const gains = new Set(
    phased(keep)
      .nodes.filter(isPhaseMax)
      .flatMap(({ outputs }) => outputs),
  );
  if (gains.size === 0) return graph;
  // A ReLU before any other pool stays: the runtime makes it one with its convolution.
  const others = graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => !gains.has(name));
  const { nodes, ...rest } = phased([...keep, ...others]);
  return { ...rest, nodes: nodes.flatMap((node) => (isPhaseMax(node) ? inPairs(node) : [node])) };
}

/** By the products at each place of the pool's output. */
function paysToRun({ weight: [channels, inputs, ...kernel], window }: PooledConvolution): boolean {
  if (inputs >= INPUTS) return false;
  const phases = product(window);
  const longer = product(kernel.map((k, i) => k + window[i] - 1));
  return blocked(phases * channels) * longer <= SHARE * blocked(channels) * product(kernel) * phases;
}

const blocked = (channels: number): number => BLOCK * Math.ceil(channels / BLOCK);

const isPhaseMax = ({ opType }: GraphNode): boolean => opType === PHASE_MAX;

/** The largest phase by comparing two at a time, which needs no shape: the graph's batch may be free. */
function inPairs(node: GraphNode): GraphNode[] {
  const [all] = node.inputs;
  const phases = Array.from({ length: intAttribute(node, "phases") }, (_, i) => `${all}/${i}`);
  const step = { domain: "", name: "" };
  const larger = phases.slice(1).map((phase, i): GraphNode => ({
    ...step,
    opType: "Max",
    inputs: [i === 0 ? phases[0] : `${all}/max ${i - 1}`, phase],
    outputs: i + 2 < phases.length ? [`${all}/max ${i}`] : node.outputs,
    attributes: {},
  }));
  const attributes = { axis: 1, num_outputs: phases.length };
  return [{ ...step, opType: "Split", inputs: [all], outputs: phases, attributes }, ...larger];
}
