/** Plug-ins with one fault each, and that it is found; parts of our own without. own-parts.long.test.ts looks at all of ours. */
import { expect, test } from "vitest";
import {
  crossEntropy,
  defineLoss,
  defineMethod,
  defineRegularizer,
  losses,
  methods,
  regularizers,
} from "../align/index.ts";
import { defineGradient, stopGradient } from "../autodiff/index.ts";
import { customFamily, defineFamily, family, rotation } from "../augment/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { defineOptimizer, optimizers } from "../train/index.ts";
import {
  ConformanceError,
  type PlugInReport,
  checkFamily,
  checkGradient,
  checkLoss,
  checkMethod,
  checkOptimizer,
  checkRegularizer,
} from "./index.ts";

const squares = (g: GraphBuilder, z: Value, zView: Value) => {
  const d = g.sub(z, zView);
  return g.sum(g.mul(d, d), [1]);
};
const ofDistance = (distance: unknown) => defineRegularizer({ name: "mine", distance: distance as never });
const half = (
  g: GraphBuilder,
  { parameter, gradient, scalar }: Parameters<Parameters<typeof defineOptimizer>[0]["update"]>[1],
) => g.sub(parameter, g.mul(gradient, scalar.learningRate));
const values = ({ data }: { data: Float32Array }, change: (v: number, i: number) => number) =>
  data.map(change);

const faulty: [what: string, check: () => Promise<PlugInReport>, ...faults: RegExp[]][] = [
  [
    "a regularizer that sums over the batch",
    () => checkRegularizer(ofDistance((g: GraphBuilder, z: Value, v: Value) => g.sum(squares(g, z, v), [0]))),
    /one number for each sample, all finite\. Its shape is \[\], not \[5\]/,
  ],
  [
    "a regularizer beside its reference",
    () =>
      checkRegularizer(ofDistance(squares), {
        reference: (z: number[][], v: number[][]) =>
          z.map((row, i) => row.reduce((sum, value, k) => sum + Math.abs(value - v[i][k]), 0)),
      }),
    /gives what its reference gives\. The graph is /,
  ],
  [
    "a root without care",
    () => checkRegularizer(ofDistance((g: GraphBuilder, z: Value, v: Value) => g.sqrt(squares(g, z, v)))),
    /finite where both sides are equal\. The gradient by z has NaN/,
    /finite where both sides are 0/,
  ],
  [
    "exponentials without care",
    () =>
      checkRegularizer(ofDistance((g: GraphBuilder, z: Value, v: Value) => squares(g, g.exp(z), g.exp(v)))),
    /finite where values are in the thousands\. The value has (NaN|Infinity)/,
  ],
  [
    "no gradient",
    () =>
      checkRegularizer(
        ofDistance((g: GraphBuilder, z: Value, v: Value) => squares(g, z, stopGradient(g, v))),
      ),
    /gradient reaches the views\. It is 0 everywhere/,
  ],
  [
    "a weight by place",
    () =>
      checkRegularizer(
        ofDistance((g: GraphBuilder, z: Value, v: Value) =>
          g.mul(
            squares(g, z, v),
            g.constant(
              float32(
                [z.shape[0]],
                Array.from({ length: z.shape[0] }, (_, i) => i + 1),
              ),
            ),
          ),
        ),
      ),
    /order of a batch/,
  ],
  [
    "a loss that needs the batch",
    () =>
      checkLoss(
        defineLoss({
          name: "mine",
          perSample: (g, logits, labels) => {
            const losses = crossEntropy(g, logits, labels);
            return g.sub(losses, g.scale(g.mean(losses, [0]), 0.5));
          },
        }),
      ),
    /no other sample\. Of the first sample alone it is/,
  ],
  [
    "a logarithm of a softmax",
    () =>
      checkLoss(
        defineLoss({
          name: "mine",
          perSample: (g, logits, labels) => {
            const p = g.log(g.op1("Softmax", [logits], { axis: 1 }));
            return g.neg(g.sum(g.mul(p, g.scale(crossEntropyTargets(g, logits, labels), 1)), [1]));
          },
        }),
      ),
    /finite where logits are in the thousands/,
  ],
  [
    "a gradient of the wrong sign",
    () => {
      const off = defineGradient({ operator: "Tanh", rule: (g, _node, [dy]) => [g.neg(dy)] });
      return checkGradient(off);
    },
    /differences of the operator show\. By input0\[\d+\] the graph's gradient is -/,
  ],
  [
    "a straight-through Round that says nothing of it",
    () => checkGradient(defineGradient({ operator: "Round", rule: (_g, _node, [dy]) => [dy] })),
    /differences show 0\.0000/,
  ],
  [
    "a method whose loss is none",
    () => checkMethod(defineMethod({ name: "mine", views: "none", loss: (_g, terms) => terms.cleanLosses })),
    /one finite number\. Instead: The loss of the method "mine" has shape \[5\]/,
  ],
  [
    "a method of the first sample",
    () =>
      checkMethod(
        defineMethod({
          name: "mine",
          views: "random",
          loss: (g, { viewLosses }) => g.reshape(g.slice(viewLosses!, [{ axis: 0, start: 0, end: 1 }]), []),
        }),
      ),
    /order of the batch/,
  ],
  [
    "a state that is not counted",
    () =>
      checkOptimizer(
        defineOptimizer({
          name: "mine",
          update: (g, all) => ({ parameter: half(g, all), state: [all.gradient] }),
        }),
      ),
    /It gives 1 states, and stateCount is 0/,
  ],
  [
    "a norm over elements",
    () =>
      checkOptimizer(
        defineOptimizer({
          name: "mine",
          update: (g, { parameter, gradient, scalar }) => {
            const size = g.add(g.sqrt(g.op1("ReduceSumSquare", [gradient], { keepdims: 0 })), g.scalar(1e-6));
            return {
              parameter: g.sub(parameter, g.mul(g.div(gradient, size), scalar.learningRate)),
              state: [],
            };
          },
        }),
      ),
    /depends on no other element\. Alone/,
  ],
  [
    "a division by the gradient, and uphill",
    () =>
      checkOptimizer(
        defineOptimizer({
          name: "mine",
          update: (g, { parameter, gradient, scalar }) => ({
            parameter: g.add(
              parameter,
              g.mul(g.div(gradient, g.op1("Abs", [gradient])), scalar.learningRate),
            ),
            state: [],
          }),
        }),
      ),
    /finite where gradients are 0/,
    /makes the loss fall\. ½\|p\|² goes from/,
  ],
  [
    "weight decay of all",
    () =>
      checkOptimizer(
        defineOptimizer({
          name: "mine",
          weightDecay: 0.1,
          update: (g, all) => ({
            parameter: half(g, { ...all, parameter: g.scale(all.parameter, 0.99) }),
            state: [],
          }),
        }),
      ),
    /Weight decay leaves spared parameters alone\. A spared parameter/,
  ],
  [
    "a step beside its reference",
    () =>
      checkOptimizer(
        defineOptimizer({ name: "mine", update: (g, all) => ({ parameter: half(g, all), state: [] }) }),
        {
          reference: ({ parameter, gradient, state }) => ({
            parameter: parameter.map((p, i) => p - gradient[i]),
            state,
          }),
        },
      ),
    /go where its reference goes\. After step 1/,
  ],
  [
    "a family that looks at its neighbours",
    () => {
      const meanOf = ({ data }: { data: Float32Array }) => data.reduce((a, b) => a + b, 0) / data.length;
      return checkFamily(
        customFamily("mine", { grey: (images) => values(images, (v) => v - meanOf(images)) }),
      );
    },
    /that image alone\. "grey" of images \[N, 1, 8, 8\]: Image 2 alone/,
  ],
  [
    "a family of chance",
    () => checkFamily(customFamily("mine", { chance: (images) => values(images, (v) => v * Math.random()) })),
    /equal bits each time/,
  ],
  [
    "a family that writes into its images, and takes no output",
    () =>
      checkFamily(
        family("mine", "", [{ name: "dark", parameters: {}, apply: ({ data }) => data.fill(0).slice() }]),
      ),
    /writes into the images/,
    /writes where it is told to\. "dark" of images \[N, 1, 8, 8\]: It gives another array/,
  ],
  [
    "a family of two sizes",
    () =>
      checkFamily(defineFamily({ name: "mine", members: () => ({ short: ({ data }) => data.slice(1) }) })),
    /same shape\. Instead: "short" of images \[N, 1, 8, 8\]:/,
  ],
];

test.each(faulty.map(([what, check, ...faults]) => ({ what, check, faults })))(
  "$what is found",
  async ({ check, faults }) => {
    const report = await check();
    expect(report.passed).toBe(false);
    for (const fault of faults) expect(report.faults.join("\n")).toMatch(fault);
  },
);

test.each([
  ["regularizer of pairs", () => checkRegularizer(regularizers.squaredL2())],
  ["regularizer with a critic", () => checkRegularizer(regularizers.discriminator())],
  ["regularizer of losses", () => checkRegularizer(regularizers.dair())],
  ["regularizer of a batch", () => checkRegularizer(regularizers.vicreg())],
  ["loss", () => checkLoss(losses.sigmoid())],
  ["method", () => checkMethod(methods.rwa)],
  ["optimizer", () => checkOptimizer(optimizers.adamw.create({}))],
  ["family", () => checkFamily(rotation())],
] as const)("a %s", async (_, check) => {
  const report = await check();
  expect(report.faults).toEqual([]);
  expect(report.findings.length).toBeGreaterThan(5);
});

test("what does not hold is an error where that is asked for, with all that was looked at", async () => {
  const sums = ofDistance((g: GraphBuilder, z: Value, v: Value) => g.sqrt(squares(g, z, v)));
  const failed = checkRegularizer(sums, { throws: true });
  await expect(failed).rejects.toThrow(ConformanceError);
  await expect(failed).rejects.toThrow(/^The regularizer "mine": 2 not as it must be\.\n {2}yes {3}It gives/);
  await expect(checkRegularizer(ofDistance(squares), { sample: 3 } as never)).rejects.toThrow(
    'checkRegularizer has no option "sample". Did you mean "samples"?',
  );
});

test("a surrogate, and an operator that only the runtime knows", async () => {
  const straight = defineGradient({ operator: "Round", rule: (_g, _node, [dy]) => [dy] });
  const report = await checkGradient(straight, { isSurrogate: true });
  expect(report.passed).toBe(true);
  expect(String(report)).toContain("note  It is a surrogate");
  const quickGelu = (factor: number) =>
    defineGradient({
      domain: "com.microsoft",
      operator: "QuickGelu",
      rule(g, { inputs: [x] }, [dy]) {
        const s = g.op1("Sigmoid", [g.scale(x, 1.702)]);
        return [g.mul(dy, g.add(s, g.mul(g.scale(x, factor), g.mul(s, g.sub(g.scalar(1), s)))))];
      },
    });
  expect((await checkGradient(quickGelu(1.702))).faults).toEqual([]);
  expect((await checkGradient(quickGelu(1))).faults).toHaveLength(1);
});

function crossEntropyTargets(g: GraphBuilder, logits: Value, labels: Value): Value {
  const classes = Array.from({ length: logits.shape[1] }, (_, k) => k);
  const columns = classes.map((k) =>
    g.reshape(g.cast(g.equal(labels, g.cast(g.scalar(k), "int64")), "float32"), [logits.shape[0], 1]),
  );
  return g.concat(columns, 1);
}
