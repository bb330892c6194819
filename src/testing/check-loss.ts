import { type LossDefinition, defineLoss } from "../align/index.ts";
import { type OptionTable, callback, whole } from "../options/index.ts";
import { type Tensor, float32, int64, numbersOf, random } from "../tensor/index.ts";
import { type CheckOptions, checkRows, checked } from "./check-options.ts";
import { gradientsAgree } from "./gradients-agree.ts";
import { apart, matrixOf, normals, notFinite, rowsOf } from "./numbers.ts";
import { type Build, probing } from "./probe.ts";
import { Findings, type PlugInReport } from "./report.ts";

export interface CheckLossOptions extends CheckOptions {
  /** N of the batches that it is tried with (default 6). */
  samples?: number;
  /** Classes that it is tried with (default 4). */
  classes?: number;
  /** The same in plain numbers: logits [N][K] and labels [N] to [N] (default: the definition's own, if it has one). */
  reference?: (logits: readonly (readonly number[])[], labels: readonly number[]) => readonly number[];
}

const table = {
  ...checkRows,
  samples: whole({ description: "N of the batches that it is tried with", default: 6 }, 2),
  classes: whole({ description: "classes that it is tried with", default: 4 }, 2),
  reference: callback({ description: "the same in plain numbers" }),
} satisfies OptionTable<CheckLossOptions>;

/**
 * Tries a loss as training uses it: one finite number for each sample, which depends on no other sample; its reference in
 * plain numbers where it has one; gradients against central differences; equal bits each time; finite where logits are equal
 * and where they are in the thousands.
 *
 * @throws UsageError for what is no loss; ConformanceError where `throws` is true and something does not hold
 */
export async function checkLoss(
  definition: LossDefinition,
  options: CheckLossOptions = {},
): Promise<PlugInReport> {
  const given = checked("checkLoss", table, options);
  const { seed = 0, samples = 6, classes = 4, throws = false } = given;
  const loss = defineLoss(definition);
  const findings = new Findings();
  const of = (logits: Tensor, classOf = (i: number) => i % classes) => ({
    logits,
    labels: int64(Array.from({ length: logits.shape[0] }, (_, i) => classOf(i))),
  });
  const build: Build = (g, { logits, labels }) => loss.perSample(g, logits, labels);
  const logits = normals(seed, "logits", [samples, classes]);
  const feeds = of(logits);

  await probing(build, async (probe) => {
    const isWhole = await findings.must("It gives one number for each sample, all finite.", async () => {
      const { shape, values } = await probe.run(feeds);
      return shape.join() === `${samples}`
        ? notFinite("It", values)
        : `Its shape is [${shape}], not [${samples}].`;
    });
    if (!isWhole) return;

    const reference = given.reference ?? loss.reference?.bind(loss);
    if (reference) {
      await findings.must("It gives what its reference gives.", async () => {
        const expected = reference(matrixOf(logits), numbersOf(feeds.labels));
        return apart("The graph", (await probe.run(feeds)).values, expected, { share: 1e-4 });
      });
    }
    await findings.must("Equal inputs give equal bits.", () => probe.isRepeatable(feeds));
    await findings.must("Its gradient is what differences show.", () =>
      gradientsAgree(feeds, build, { probe, seed, of: ["logits"] }),
    );
    await findings.must("A sample's loss depends on no other sample.", async () => {
      const together = (await probe.run(feeds)).values;
      const order = [...random(seed, "testing", "order").permutation(samples)];
      const reordered = of(rowsOf(logits, order), (i) => order[i] % classes);
      const after = (await probe.run(reordered)).values;
      const alone = (await probe.run(of(rowsOf(logits, [0])))).values;
      return (
        apart(
          "In another order it",
          after,
          order.map((i) => together[i]),
          { share: 1e-5 },
        ) ?? apart("Of the first sample alone it", alone, together.slice(0, 1), { share: 1e-5 })
      );
    });
    const places: readonly [string, Tensor][] = [
      ["where all logits are 0", float32([samples, classes])],
      [
        "where all logits are equal",
        float32([samples, classes], new Float32Array(samples * classes).fill(3)),
      ],
      ["where logits are in the thousands", normals(seed, "far", [samples, classes], 1e4)],
      ["of a batch of one", rowsOf(logits, [0])],
    ];
    for (const [where, at] of places) {
      await findings.must(`Value and gradient are finite ${where}.`, async () => {
        const { values, gradients } = await probe.run(of(at));
        return notFinite("The value", values) ?? notFinite("The gradient", gradients.logits);
      });
    }
    await findings.must("It falls along its gradient.", async () => {
      const { values, gradients } = await probe.run(feeds);
      const steepest = Math.max(...gradients.logits.map(Math.abs));
      if (steepest === 0) return "Its gradient is 0: nothing trains by it.";
      const moved = Float32Array.from(
        logits.data as Float32Array,
        (v, i) => v - (1e-2 * gradients.logits[i]) / steepest,
      );
      const after = (await probe.run({ ...feeds, logits: float32(logits.shape, moved) })).values;
      const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
      return total(after) < total(values) ? null : `It goes from ${total(values)} to ${total(after)}.`;
    });
    await findings.tell(async () => {
      const { gradients } = await probe.run(feeds);
      const wrong = Array.from(
        { length: samples },
        (_, i) => gradients.logits[i * classes + (i % classes)],
      ).findIndex((slope) => slope > 0);
      return wrong < 0
        ? null
        : `The logit of a label raises its loss (sample ${wrong}): the answer need not follow the label.`;
    });
  });
  return findings.report("loss", loss.name, throws);
}
