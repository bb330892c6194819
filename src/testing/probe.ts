/** A function of tensors, made of graph nodes, as numbers: its values, their slopes, and the gradient of the graph. */
import { type RuleEntry, backward, semanticInference } from "../autodiff/index.ts";
import { lower } from "../lower/index.ts";
import { type Graph, GraphBuilder, type Value, inlineGraph, withoutOpaque } from "../onnx/index.ts";
import { type Session, createSession } from "../runtime/index.ts";
import { type Shape, type Tensor, float32, isFloat, numbersOf, sizeOf } from "../tensor/index.ts";
import { apart } from "./numbers.ts";

export type Tensors = Readonly<Record<string, Tensor>>;
export type Values = Readonly<Record<string, Value>>;
/** From the inputs to one float value. */
export type Build = (g: GraphBuilder, inputs: Values) => Value;

export interface Probed {
  readonly shape: Shape;
  readonly values: readonly number[];
  /** Of Σ weight · value, by each input of floats. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** A coordinate of an input. */
export interface Entry {
  readonly of: string;
  readonly at: number;
}

const VALUE = "value";
const WEIGHTS = "weights";

/** A function's graph with its gradient, in one session for each set of shapes. */
export class Probe {
  readonly #build: Build;
  readonly #rules: ReadonlyMap<string, RuleEntry> | undefined;
  readonly #opened = new Map<string, Promise<{ readonly shape: Shape; readonly session: Session }>>();

  /** @param rules  a user's own gradient rules */
  constructor(build: Build, rules?: ReadonlyMap<string, RuleEntry>) {
    this.#build = build;
    this.#rules = rules;
  }

  /** @param weights  of the values in the sum that is differentiated, by their place (default: 1) */
  async run(feeds: Tensors, weights: (i: number) => number = () => 1): Promise<Probed> {
    const key = Object.values(feeds)
      .map(({ shape }) => `[${shape}]`)
      .join();
    let opened = this.#opened.get(key);
    if (!opened) this.#opened.set(key, (opened = this.#open(feeds)));
    const { shape, session } = await opened;
    const fed = float32(
      shape,
      Array.from({ length: sizeOf(shape) }, (_, i) => weights(i)),
    );
    const results = await run(session, { ...feeds, [WEIGHTS]: fed });
    const floats = floatsOf(feeds);
    return {
      shape,
      values: numbersOf(results[VALUE]),
      gradients: Object.fromEntries(floats.map((name) => [name, numbersOf(results[`grad:${name}`])])),
    };
  }

  /** Whether two sessions of their own give the same bits: null, or where they do not, a sentence. */
  async isRepeatable(feeds: Tensors): Promise<string | null> {
    const again = new Probe(this.#build, this.#rules);
    try {
      const [first, second] = [await this.run(feeds), await again.run(feeds)];
      const all = ({ values, gradients }: Probed) => [...values, ...Object.values(gradients).flat()];
      return apart("The second time it", all(second), all(first), { share: 0, least: 0 });
    } finally {
      await again.close();
    }
  }

  async close(): Promise<void> {
    for (const opened of this.#opened.values()) {
      const found = await opened.catch(() => null);
      await found?.session.release();
    }
  }

  async #open(feeds: Tensors): Promise<{ readonly shape: Shape; readonly session: Session }> {
    const { g, inputs } = builderFor(feeds);
    const value = this.#build(g, inputs);
    const factors = g.input(WEIGHTS, "float32", value.shape);
    const sum = g.sum(g.reshape(g.mul(value, factors), [-1]), [0]);
    const floats = floatsOf(feeds);
    const gradients = backward(
      g,
      sum,
      floats.map((name) => inputs[name]),
      this.#rules,
    );
    const outputs = Object.fromEntries(floats.map((name, i) => [`grad:${name}`, gradients[i]]));
    const session = await sessionOf(g.build("probe", { [VALUE]: value, ...outputs }));
    return { shape: value.shape, session };
  }
}

/** Uses a probe, and closes it. */
export async function probing(
  build: Build,
  use: (probe: Probe) => Promise<void>,
  rules?: ReadonlyMap<string, RuleEntry>,
): Promise<void> {
  const probe = new Probe(build, rules);
  try {
    await use(probe);
  } finally {
    await probe.close();
  }
}

const floatsOf = (feeds: Tensors): string[] =>
  Object.keys(feeds).filter((name) => isFloat(feeds[name].dtype));

/**
 * The slopes of Σ weight · value by central differences, summed in double precision.
 *
 * What stands under a stopped gradient is held at its value for the tensors as given: that is what the gradient of such a
 * graph means.
 */
export async function slopes(
  feeds: Tensors,
  build: Build,
  entries: readonly Entry[],
  { step, weights = () => 1 }: { readonly step: number; readonly weights?: (i: number) => number },
): Promise<number[]> {
  const graph = await heldGraph(feeds, build);
  return inSession(graph, async (session) => {
    const found: number[] = [];
    for (const { of, at } of entries) {
      const ends: { at: number; values: number[] }[] = [];
      for (const by of [step, -step]) {
        const moved = numbersOf(feeds[of]);
        moved[at] += by;
        const input = float32(feeds[of].shape, moved);
        const results = await run(session, { ...feeds, [of]: input });
        ends.push({ at: input.data[at], values: numbersOf(results[VALUE]) });
      }
      const [up, down] = ends;
      const change = up.values.reduce((sum, value, i) => sum + weights(i) * (value - down.values[i]), 0);
      found.push(change / (up.at - down.at));
    }
    return found;
  });
}

function builderFor(feeds: Tensors): { readonly g: GraphBuilder; readonly inputs: Values } {
  const g = new GraphBuilder({ extension: semanticInference });
  const inputs = Object.entries(feeds).map(
    ([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)] as const,
  );
  return { g, inputs: Object.fromEntries(inputs) };
}

/** The values' graph with constants in the place of what is stopped. */
async function heldGraph(feeds: Tensors, build: Build): Promise<Graph> {
  const { g, inputs } = builderFor(feeds);
  const value = build(g, inputs);
  const stopped = g.nodes.filter(({ opType }) => opType === "StopGradient").map(({ outputs }) => outputs[0]);
  const graph = g.build("held", {
    [VALUE]: value,
    ...Object.fromEntries(stopped.map((one, i) => [`stopped:${i}`, one])),
  });
  if (stopped.length === 0) return graph;
  const held = await inSession(graph, (session) => run(session, feeds));
  const anew = builderFor(feeds);
  const values = inlineGraph(anew.g, graph, new Map(Object.entries(anew.inputs)), {
    rewrite: (h, node) => (node.opType === "StopGradient" ? [h.constant(held[node.outputs[0]])] : null),
  });
  return anew.g.build("held", { [VALUE]: values.get(VALUE)! });
}

async function inSession<Result>(graph: Graph, use: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await sessionOf(graph);
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

const sessionOf = (graph: Graph): Promise<Session> =>
  createSession(withoutOpaque(lower(graph), graph.opsets), { threads: 1 });

const run = (session: Session, feeds: Tensors): Promise<Tensors> =>
  session.run(
    Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))),
  );
