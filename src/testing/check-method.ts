import {
  type Method,
  type MethodDefinition,
  type RegularizerDefinition,
  buildObjective,
  defineMethod,
  regularizerOf,
} from "../align/index.ts";
import { type OptionTable, nameOr } from "../options/index.ts";
import { type Tensor, float32, int64, random } from "../tensor/index.ts";
import { type CheckOptions, checkRows, checked } from "./check-options.ts";
import { gradientsAgree } from "./gradients-agree.ts";
import { apart, normals, notFinite, rowsOf } from "./numbers.ts";
import { type Build, probing } from "./probe.ts";
import { Findings, type PlugInReport } from "./report.ts";

export interface CheckMethodOptions extends CheckOptions {
  /** What gives its distances where it is regularized (default "squaredL2"). */
  regularizer?: "squaredL2" | RegularizerDefinition;
}

const table = {
  ...checkRows,
  regularizer: nameOr<RegularizerDefinition>("defineRegularizer")(["squaredL2"], {
    description: "what gives its distances where it is regularized",
    default: "squaredL2",
  }),
} satisfies OptionTable<CheckMethodOptions>;

const [SAMPLES, CLASSES] = [5, 4];

/** Blocks of images that a step of each kind of views has: of the worst case the clean images and two transforms. */
const blocksOf = { none: 1, random: 2, "worst-case": 3, mixes: 3 } satisfies Record<Method["views"], number>;

/**
 * Tries a method as a step uses it, on a model that answers an image with itself as logits: its loss is a finite scalar, its
 * gradient what central differences show, equal each time and in any order of the batch, finite where views equal their
 * images, at zero and far out, and it says whether λ, labels and views play a part.
 *
 * @throws UsageError for what is no method; ConformanceError where `throws` is true and something does not hold
 */
export async function checkMethod(
  definition: MethodDefinition,
  options: CheckMethodOptions = {},
): Promise<PlugInReport> {
  const { seed = 0, regularizer = "squaredL2", throws = false } = checked("checkMethod", table, options);
  const method = defineMethod(definition);
  const findings = new Findings();
  const blocks = blocksOf[method.views];
  const build = stepLoss(method, regularizerOf(regularizer));
  const clean = normals(seed, "images", [SAMPLES, CLASSES]);
  const view = (block: number) => (block === 0 ? clean : normals(seed, `view ${block}`, [SAMPLES, CLASSES]));
  const feeds = (
    of: (block: number) => Tensor = view,
    weight = 0.7,
    labelOf = (i: number) => i % CLASSES,
  ) => ({
    images: stacked(Array.from({ length: blocks }, (_, block) => of(block))),
    labels: int64(Array.from({ length: SAMPLES }, (_, i) => labelOf(i))),
    alignmentWeight: float32([], [weight]),
  });

  await probing(build, async (probe) => {
    const isWhole = await findings.must("Its loss is one finite number.", async () =>
      notFinite("It", (await probe.run(feeds())).values),
    );
    if (!isWhole) return;
    await findings.must("Equal inputs give equal bits.", () => probe.isRepeatable(feeds()));
    await findings.must("Its gradient is what differences show.", () =>
      gradientsAgree(feeds(), build, { probe, seed, of: ["images"] }),
    );
    await findings.must("It does not depend on the order of the batch.", async () => {
      const order = [...random(seed, "testing", "order").permutation(SAMPLES)];
      const reordered = feeds(
        (block) => rowsOf(view(block), order),
        0.7,
        (i) => order[i] % CLASSES,
      );
      const [before, after] = [await probe.run(feeds()), await probe.run(reordered)];
      return apart("In another order it", after.values, before.values, { share: 1e-5 });
    });
    const zero = float32([SAMPLES, CLASSES]);
    const places: readonly [string, (block: number) => Tensor][] = [
      ["where all views equal their images", () => clean],
      ["where all logits are 0", () => zero],
      [
        "where logits are in the thousands",
        (block) => normals(seed, `far ${block}`, [SAMPLES, CLASSES], 1e3),
      ],
    ];
    for (const [where, of] of places) {
      await findings.must(`Value and gradient are finite ${where}.`, async () => {
        const { values, gradients } = await probe.run(feeds(of));
        return notFinite("The value", values) ?? notFinite("The gradient", gradients.images);
      });
    }
    await findings.must("Something trains by it.", async () => {
      const { gradients } = await probe.run(feeds());
      return gradients.images.some((slope) => slope !== 0) ? null : "Its gradient is 0.";
    });
    const plain = (await probe.run(feeds())).values[0];
    const isMoved = async (other: ReturnType<typeof feeds>) => (await probe.run(other)).values[0] !== plain;
    await findings.tell(async () => ((await isMoved(feeds(view, 1.4))) ? null : "λ plays no part in it."));
    await findings.tell(async () =>
      (await isMoved(feeds(view, 0.7, (i) => (i + 1) % CLASSES))) ? null : "Labels play no part in it.",
    );
    if (blocks > 1) {
      await findings.tell(async () =>
        (await isMoved(feeds((block) => (block === 0 ? clean : zero))))
          ? null
          : "It has views made, and they play no part in it.",
      );
    }
  });
  return findings.report("method", method.name, throws);
}

/** The loss of a step whose model answers an image [K] with itself as logits. */
function stepLoss(method: Method, regularizer: ReturnType<typeof regularizerOf>): Build {
  const answer = (images: Parameters<Build>[1][string]) => ({ logits: images, named: () => undefined });
  return (g, { images, labels, alignmentWeight }) =>
    buildObjective(
      g,
      {
        ...{ method, regularizer, selection: "sample", selectBy: "loss", alignSelectBy: "loss" },
        ...{ align: "logits", stopGradient: "none", terms: "mean" },
      },
      {
        ...{ images, labels, alignmentWeight, train: answer, evaluate: answer },
        ...{ modesDiffer: false, critic: null },
      },
    ).loss;
}

const stacked = (blocks: readonly Tensor[]): Tensor =>
  float32(
    [blocks.length * SAMPLES, CLASSES],
    blocks.flatMap(({ data }) => Array.from(data as Float32Array)),
  );
