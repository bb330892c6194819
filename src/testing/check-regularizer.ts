import { type Regularizer, type RegularizerDefinition, criticOf, defineRegularizer } from "../align/index.ts";
import { type OptionTable, callback, whole } from "../options/index.ts";
import { type Tensor, float32, numbersOf, random } from "../tensor/index.ts";
import { type CheckOptions, checkRows, checked } from "./check-options.ts";
import { gradientsAgree } from "./gradients-agree.ts";
import { apart, matrixOf, normals, notFinite, rowsOf } from "./numbers.ts";
import { type Build, probing } from "./probe.ts";
import { Findings, type PlugInReport } from "./report.ts";

export interface CheckRegularizerOptions extends CheckOptions {
  /** N of the batches that it is tried with (default 5). */
  samples?: number;
  /** K of the representations that it is tried with (default 4). */
  features?: number;
  /**
   * The same in plain numbers: of pairs and of a batch from two matrices [N][K], of losses from two lists [N], to a value for
   * each sample, or of a batch to one number (default: the definition's own `reference`, if it has one).
   */
  reference?: (...sides: never[]) => number | readonly number[];
}

const table = {
  ...checkRows,
  samples: whole({ description: "N of the batches that it is tried with", default: 5 }, 2),
  features: whole({ description: "K of the representations that it is tried with", default: 4 }, 2),
  reference: callback({ description: "the same in plain numbers" }),
} satisfies OptionTable<CheckRegularizerOptions>;

/** float32 against double precision, in a few operations. */
const SHARE = 1e-4;

/**
 * Tries a regularizer as training uses it: shapes, its reference in plain numbers where it has one, gradients against central
 * differences, equal bits each time, no dependence on the order of a batch, and finite values and gradients at equal views,
 * zero vectors and logits in the thousands. Of a critic as it starts.
 *
 * @throws UsageError for what is no regularizer; ConformanceError where `throws` is true and something does not hold
 */
export async function checkRegularizer(
  definition: RegularizerDefinition,
  options: CheckRegularizerOptions = {},
): Promise<PlugInReport> {
  const given = checked("checkRegularizer", table, options);
  const { seed = 0, samples = 5, features = 4, throws = false } = given;
  const regularizer = defineRegularizer(definition);
  const findings = new Findings();
  const shape = regularizer.kind === "losses" ? [samples] : [samples, features];
  const draw = (what: string): Tensor => {
    const drawn = normals(seed, what, shape);
    // Losses are never below 0.
    return regularizer.kind === "losses" ? mapped(drawn, Math.abs) : drawn;
  };
  const sides = { z: draw("z"), zView: draw("zView") };
  const build = distanceOf(regularizer);
  const expectedShape = regularizer.kind === "batch" ? [] : [samples];
  const shapeText = regularizer.kind === "batch" ? "one number" : "one number for each sample";

  await probing(build, async (probe) => {
    const isWhole = await findings.must(`It gives ${shapeText}, all finite.`, async () => {
      const { shape: made, values } = await probe.run(sides);
      if (made.join() !== expectedShape.join()) return `Its shape is [${made}], not [${expectedShape}].`;
      return notFinite("It", values);
    });
    if (!isWhole) return;

    const reference =
      given.reference ??
      (regularizer.kind === "pairs" ? regularizer.reference?.bind(regularizer) : undefined);
    if (reference) {
      await findings.must("It gives what its reference gives.", async () => {
        const plain = (t: Tensor) => (regularizer.kind === "losses" ? numbersOf(t) : matrixOf(t));
        const expected = (reference as (...sides: unknown[]) => number | readonly number[])(
          plain(sides.z),
          plain(sides.zView),
        );
        const { values } = await probe.run(sides);
        return apart("The graph", values, [expected].flat(), { share: SHARE });
      });
    }
    await findings.must("Equal inputs give equal bits.", () => probe.isRepeatable(sides));
    await findings.must("Its gradients are those that differences show.", () =>
      gradientsAgree(sides, build, { probe, seed, of: ["z", "zView"] }),
    );
    await findings.must("Its gradient reaches the views.", async () => {
      const { gradients } = await probe.run(sides);
      return gradients.zView.some((value) => value !== 0) ? null : "It is 0 everywhere: training ignores it.";
    });
    const order = [...random(seed, "testing", "order").permutation(samples)];
    const reordered = { z: rowsOf(sides.z, order), zView: rowsOf(sides.zView, order) };
    await findings.must("It does not depend on the order of a batch.", async () => {
      const before = (await probe.run(sides)).values;
      const after = (await probe.run(reordered)).values;
      const expected = regularizer.kind === "batch" ? before : order.map((i) => before[i]);
      return apart("In another order it", after, expected, { share: 1e-5 });
    });

    const one = { z: rowsOf(sides.z, [0]), zView: rowsOf(sides.zView, [0]) };
    const zero = float32(shape);
    const far = (sign: number) =>
      mapped(
        sides.z,
        (v, i) => 1e4 * (regularizer.kind === "losses" ? Math.abs(v) : v * sign * (i % 2 === 0 ? 1 : -1)),
      );
    const places: readonly [string, { readonly z: Tensor; readonly zView: Tensor }][] = [
      ["of a batch of one", one],
      ["where both sides are equal", { z: sides.z, zView: sides.z }],
      ["where both sides are 0", { z: zero, zView: zero }],
      ["where one side is 0", { z: zero, zView: sides.zView }],
      ["where the other side is 0", { z: sides.z, zView: zero }],
      ["where values are in the thousands", { z: far(1), zView: far(-1) }],
    ];
    for (const [where, feeds] of places) {
      await findings.must(`Value and gradient are finite ${where}.`, async () => {
        const { values, gradients } = await probe.run(feeds);
        return (
          notFinite("The value", values) ??
          notFinite("The gradient by z", gradients.z) ??
          notFinite("The gradient by zView", gradients.zView)
        );
      });
    }

    if (regularizer.kind !== "batch") {
      await findings.tell(async () => {
        const [alone, together] = [await probe.run(one), await probe.run(sides)];
        return apart("it", alone.values, together.values.slice(0, 1), { share: 1e-5 }) === null
          ? null
          : "A sample's value depends on the other samples of its batch, as that of a set's distance does.";
      });
    }
    await findings.tell(async () => {
      const { values } = await probe.run({ z: sides.z, zView: sides.z });
      const largest = Math.max(...values.map(Math.abs));
      return largest <= 1e-6 ? null : `Of equal views it is not 0, but up to ${largest.toPrecision(3)}.`;
    });
  });
  return findings.report("regularizer", regularizer.name, throws);
}

/** A critic has the weights that a run of seed 0 starts it with. */
function distanceOf(regularizer: Regularizer): Build {
  return (g, { z, zView }) => {
    if (regularizer.kind === "batch") return regularizer.term(g, z, zView);
    if (regularizer.kind === "losses") return regularizer.distance(g, z, zView);
    const parameters = criticOf(regularizer)?.parameters(z.shape[1]) ?? [];
    const critic = parameters.map((parameter) => {
      const initial = parameter.initial(random(0, "critic", parameter.name));
      return g.initializer(parameter.name, float32(parameter.shape, initial));
    });
    return regularizer.distance(g, z, zView, critic);
  };
}

const mapped = ({ shape, data }: Tensor, to: (value: number, i: number) => number): Tensor =>
  float32(shape, Array.from(data as Float32Array, to));
