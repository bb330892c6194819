import { GraphBuilder } from "../onnx/index.ts";
import { type OptionTable, callback } from "../options/index.ts";
import { type Session, createSession } from "../runtime/index.ts";
import { type Tensor, float32, numbersOf } from "../tensor/index.ts";
import { type Optimizer, type OptimizerDefinition, defineOptimizer } from "../train/index.ts";
import { type CheckOptions, checkRows, checked } from "./check-options.ts";
import { apart, normals, notFinite, rowsOf } from "./numbers.ts";
import { Findings, type PlugInReport } from "./report.ts";

/** A parameter and what is kept for it, as plain numbers. */
export interface PlainState {
  readonly parameter: readonly number[];
  readonly state: readonly (readonly number[])[];
}

export interface CheckOptimizerOptions extends CheckOptions {
  /** A step in plain numbers: the scalars are those of the definition. */
  reference?: (
    before: PlainState & {
      readonly gradient: readonly number[];
      readonly scalar: Readonly<Record<string, number>>;
    },
  ) => PlainState;
}

const table = {
  ...checkRows,
  reference: callback({ description: "a step in plain numbers" }),
} satisfies OptionTable<CheckOptimizerOptions>;

const SIZE = 6;
const STEPS = 10;
const LEARNING_RATE = 0.01;

/**
 * Tries an optimizer as a step uses it: shapes and states, the same scalars at each step, its reference over ten steps where
 * one is given, equal bits each time, no dependence of an element on others, finite values where gradients are 0, tiny or huge,
 * a falling loss, and what weight decay leaves alone.
 *
 * @throws UsageError for what is no optimizer; ConformanceError where `throws` is true and something does not hold
 */
export async function checkOptimizer(
  definition: OptimizerDefinition,
  options: CheckOptimizerOptions = {},
): Promise<PlugInReport> {
  const { seed = 0, reference, throws = false } = checked("checkOptimizer", table, options);
  const optimizer = defineOptimizer(definition);
  const findings = new Findings();
  const start = normals(seed, "parameter", [SIZE]);
  const gradients = Array.from({ length: STEPS }, (_, i) => normals(seed, `gradient ${i}`, [SIZE]));

  const isWhole = await findings.must(
    "A step keeps the shape of the parameter and of each of its states.",
    async () => {
      for (const shape of [[SIZE], [2, 3], []]) {
        const { parameter, state } = graphOf(optimizer, shape).made;
        if (parameter.shape.join() !== shape.join())
          return `Of [${shape}] it makes a parameter [${parameter.shape}].`;
        if (state.length !== optimizer.stateCount)
          return `It gives ${state.length} states, and stateCount is ${optimizer.stateCount}.`;
        const wrong = state.find((one) => one.shape.join() !== shape.join());
        if (wrong) return `Of [${shape}] it makes a state [${wrong.shape}].`;
      }
      const walk = await walked(optimizer, start, gradients.slice(0, 1));
      return notFinite("The parameter", walk[0].parameter);
    },
  );
  if (!isWhole) return findings.report("optimizer", optimizer.name, throws);

  await findings.must("Its scalars are the same by name at each step, and finite.", () => {
    const names = Object.keys(optimizer.scalars(1, LEARNING_RATE)).sort().join();
    for (const step of [1, 2, 1000, 1e6]) {
      const scalars = optimizer.scalars(step, LEARNING_RATE);
      if (Object.keys(scalars).sort().join() !== names)
        return `At step ${step} they are ${Object.keys(scalars).join(", ")}.`;
      const bad = Object.entries(scalars).find(([, value]) => !Number.isFinite(value));
      if (bad) return `At step ${step} ${bad[0]} is ${bad[1]}.`;
    }
    return null;
  });
  if (reference) {
    await findings.must(`${STEPS} steps go where its reference goes.`, async () => {
      const walk = await walked(optimizer, start, gradients);
      let plain: PlainState = {
        parameter: numbersOf(start),
        state: Array.from({ length: optimizer.stateCount }, () => new Array<number>(SIZE).fill(0)),
      };
      for (const [i, gradient] of gradients.entries()) {
        const scalar = optimizer.scalars(i + 1, LEARNING_RATE);
        plain = reference({ ...plain, gradient: numbersOf(gradient), scalar });
        const fault = apart(`After step ${i + 1} the parameter`, walk[i].parameter, plain.parameter, {
          share: 1e-4,
        });
        if (fault) return fault;
      }
      return null;
    });
  }
  await findings.must("Equal inputs give equal bits.", async () => {
    const [first, second] = [
      await walked(optimizer, start, gradients),
      await walked(optimizer, start, gradients),
    ];
    return apart("The second time the parameter", second.at(-1)!.parameter, first.at(-1)!.parameter, {
      share: 0,
      least: 0,
    });
  });
  await findings.must("An element depends on no other element.", async () => {
    const order = [3, 0, 5, 1, 4, 2];
    const pick = (t: Tensor, rows: readonly number[]) => rowsOf(t, rows);
    const together = (await walked(optimizer, start, gradients)).at(-1)!.parameter;
    const after = await walked(
      optimizer,
      pick(start, order),
      gradients.map((one) => pick(one, order)),
    );
    const alone = await walked(
      optimizer,
      pick(start, [0]),
      gradients.map((one) => pick(one, [0])),
    );
    return (
      apart(
        "In another order the parameter",
        after.at(-1)!.parameter,
        order.map((i) => together[i]),
        { share: 1e-6 },
      ) ?? apart("Alone the first element", alone.at(-1)!.parameter, together.slice(0, 1), { share: 1e-6 })
    );
  });
  for (const [what, size] of [
    ["0", 0],
    ["tiny", 1e-20],
    ["huge", 1e8],
  ] as const) {
    await findings.must(`Parameter and states are finite where gradients are ${what}.`, async () => {
      const all = gradients.map((one) =>
        float32(
          [SIZE],
          numbersOf(one).map((v) => v * size),
        ),
      );
      const { parameter, state } = (await walked(optimizer, start, all)).at(-1)!;
      return notFinite("The parameter", parameter) ?? notFinite("A state", state.flat());
    });
  }
  await findings.must("A step against the gradient makes the loss fall.", async () => {
    const descent = await descended(optimizer, start);
    return descent.after < descent.before
      ? null
      : `½|p|² goes from ${descent.before.toPrecision(3)} to ${descent.after.toPrecision(3)} in 50 steps of ${LEARNING_RATE}.`;
  });
  if (optimizer.weightDecay > 0) {
    await findings.must("Weight decay leaves spared parameters alone.", async () => {
      const still = [float32([SIZE])];
      const [spared, decayed] = [
        (await walked(optimizer, start, still, true))[0].parameter,
        (await walked(optimizer, start, still))[0].parameter,
      ];
      const fault = apart("A spared parameter without a gradient", spared, numbersOf(start), {
        share: 0,
        least: 0,
      });
      if (fault) return fault;
      return decayed.every((v, i) => v === (start.data as Float32Array)[i])
        ? "Others stay as they are too."
        : null;
    });
  }
  return findings.report("optimizer", optimizer.name, throws);
}

/** The graph of a step, and what the optimizer made of it. */
function graphOf(optimizer: Optimizer, shape: readonly number[], isSpared = false) {
  const g = new GraphBuilder();
  const made = optimizer.update(g, {
    parameter: g.input("parameter", "float32", shape),
    gradient: g.input("gradient", "float32", shape),
    state: Array.from({ length: optimizer.stateCount }, (_, k) => g.input(`state${k}`, "float32", shape)),
    scalar: Object.fromEntries(
      Object.keys(optimizer.scalars(1, LEARNING_RATE)).map((name) => [
        name,
        g.input(`scalar:${name}`, "float32", []),
      ]),
    ),
    isSpared,
  });
  const states = Object.fromEntries(made.state.map((value, k) => [`next${k}`, value]));
  return { made, graph: () => g.build("update", { next: made.parameter, ...states }) };
}

/** Steps from a start, with a gradient each. */
async function walked(
  optimizer: Optimizer,
  start: Tensor,
  gradients: readonly Tensor[],
  isSpared = false,
): Promise<PlainState[]> {
  const walk: PlainState[] = [];
  await stepping(optimizer, start, isSpared, async (step) => {
    for (const gradient of gradients) {
      const { parameter, state } = await step(gradient);
      walk.push({ parameter: numbersOf(parameter), state: state.map(numbersOf) });
    }
  });
  return walk;
}

/** ½|p|² before and after 50 steps along its gradient p. */
async function descended(optimizer: Optimizer, start: Tensor): Promise<{ before: number; after: number }> {
  const half = (t: Tensor) => numbersOf(t).reduce((sum, v) => sum + v * v, 0) / 2;
  let parameter = start;
  await stepping(optimizer, start, false, async (step) => {
    for (let i = 0; i < 50; i++) ({ parameter } = await step(parameter));
  });
  return { before: half(start), after: half(parameter) };
}

interface Stepped {
  readonly parameter: Tensor;
  readonly state: readonly Tensor[];
}

/** One session for all steps; each goes on from the last. */
async function stepping(
  optimizer: Optimizer,
  start: Tensor,
  isSpared: boolean,
  use: (step: (gradient: Tensor) => Promise<Stepped>) => Promise<void>,
): Promise<void> {
  const { shape } = start;
  const session: Session = await createSession(graphOf(optimizer, shape, isSpared).graph(), { threads: 1 });
  let now: Stepped = {
    parameter: start,
    state: Array.from({ length: optimizer.stateCount }, () => float32(shape)),
  };
  let count = 0;
  try {
    await use(async (gradient) => {
      const scalars = Object.entries(optimizer.scalars(++count, LEARNING_RATE));
      const feeds: Record<string, Tensor> = {
        parameter: now.parameter,
        gradient,
        ...Object.fromEntries(now.state.map((value, k) => [`state${k}`, value])),
        ...Object.fromEntries(scalars.map(([name, value]) => [`scalar:${name}`, float32([], [value])])),
      };
      const wanted = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
      const made = await session.run(Object.fromEntries(wanted));
      now = { parameter: made.next, state: now.state.map((_, k) => made[`next${k}`]) };
      return now;
    });
  } finally {
    await session.release();
  }
}
