import {
  type FamilyMaker,
  type Transform,
  type TransformFamily,
  checkFamily as checkWhole,
  isMaker,
} from "../augment/index.ts";
import { type OptionTable, isImageShape, tested } from "../options/index.ts";
import { type ImageBatch, UsageError, random, sizeOf } from "../tensor/index.ts";
import { type CheckOptions, checkRows, checked } from "./check-options.ts";
import { apart, notFinite } from "./numbers.ts";
import { Findings, type PlugInReport } from "./report.ts";

export interface CheckFamilyOptions extends CheckOptions {
  /** Channels, height and width of the images that it is tried with (default: 1 × 8 × 8, 3 × 9 × 12 and 1 × 7 × 5). */
  shapes?: readonly (readonly [channels: number, height: number, width: number])[];
}

const table = {
  ...checkRows,
  shapes: tested<readonly (readonly [number, number, number])[]>(
    (value) => Array.isArray(value) && value.length > 0 && value.every(isImageShape),
    "a list of [channels, height, width]",
    { description: "images that it is tried with", otherwise: "1 × 8 × 8, 3 × 9 × 12 and 1 × 7 × 5" },
  ),
} satisfies OptionTable<CheckFamilyOptions>;

const usual = [
  [1, 8, 8],
  [3, 9, 12],
  [1, 7, 5],
] as const;

/**
 * Tries a family as training and tests use it: the identity first, names that differ, and of each member images of the same
 * shape, finite, equal each time, written where they are asked for, with their input left as it was, and each from its own
 * image alone.
 *
 * @param family  or what `defineFamily` made, which is then called without options
 * @throws UsageError for what is no family; ConformanceError where `throws` is true and something does not hold
 */
export async function checkFamily(
  family: TransformFamily | FamilyMaker,
  options: CheckFamilyOptions = {},
): Promise<PlugInReport> {
  const { seed = 0, shapes = usual, throws = false } = checked("checkFamily", table, options);
  const whole: unknown = isMaker(family) ? family() : family;
  checkWhole("checkFamily", "family", whole);
  const { members, name } = whole;
  const findings = new Findings();
  await findings.must("Its first member is the identity, and leaves images as they are.", () => {
    if (members[0].name !== "identity") return `It is "${members[0].name}".`;
    const images = drawn(seed, 2, shapes[0]);
    return apart("It", members[0].apply(images), images.data, { share: 0, least: 0 });
  });
  await findings.must("It has members beside the identity, whose names differ.", () => {
    if (members.length < 2) return "It has none.";
    const names = members.map((member) => member.name);
    const twice = names.find((one, i) => names.indexOf(one) !== i);
    return twice === undefined ? null : `Two are called "${twice}".`;
  });
  const others = members.slice(1);
  const each = (what: string, test: (member: Transform, images: ImageBatch) => string | null) =>
    findings.must(what, () => {
      for (const shape of shapes) {
        const images = drawn(seed, 3, shape);
        for (const member of others) {
          const fault = attempted(member, shape, () => test(member, images));
          if (fault !== null) return fault;
        }
      }
      return null;
    });
  const isWhole = await each("Every member gives finite images of the same shape.", (member, images) => {
    const made: unknown = member.apply(images);
    if (!(made instanceof Float32Array)) return "It gives no Float32Array.";
    if (made.length !== images.data.length)
      return `It gives ${made.length} values, not ${images.data.length}.`;
    return notFinite("It", made);
  });
  if (!isWhole) return findings.report("family", name, throws);
  await each("Every member gives equal bits each time.", (member, images) =>
    same("The second time it", member.apply(images), member.apply(images)),
  );
  await each("No member writes into the images that it is given.", (member, images) => {
    const before = images.data.slice();
    member.apply(images);
    return same("Afterwards the image", images.data, before);
  });
  await each("Every member writes where it is told to.", (member, images) => {
    const out = new Float32Array(images.data.length).fill(NaN);
    const made = member.apply(images, out);
    return made === out ? same("There it", out, member.apply(images)) : "It gives another array.";
  });
  await each("Each image's view depends on that image alone.", (member, images) => {
    const size = sizeOf(images.shape) / images.shape[0];
    const together = member.apply(images);
    const [, ...rest] = images.shape;
    for (const i of [2, 0]) {
      const part = images.data.slice(i * size, (i + 1) * size);
      const alone = member.apply({ data: part, shape: [1, ...rest] as never });
      const fault = same(`Image ${i} alone`, alone, together.subarray(i * size, (i + 1) * size));
      if (fault) return fault;
    }
    return null;
  });
  await findings.must("Images of one grey are finite too.", () => {
    for (const shape of shapes) {
      for (const grey of [0, 0.5, 1]) {
        const images = { data: new Float32Array(sizeOf(shape)).fill(grey), shape: [1, ...shape] as const };
        for (const member of others) {
          const fault = attempted(member, shape, () => notFinite(`Of grey ${grey} it`, member.apply(images)));
          if (fault !== null) return fault;
        }
      }
    }
    return null;
  });
  await findings.tell(() => {
    const images = drawn(seed, 3, shapes[0]);
    const beyond = others.find((member) => member.apply(images).some((v) => v < -1e-6 || v > 1 + 1e-6));
    return beyond ? `"${beyond.name}" gives values outside 0 to 1.` : null;
  });
  await findings.tell(() => {
    const images = drawn(seed, 3, shapes[0]);
    const idle = others.find((member) => same("", member.apply(images), images.data) === null);
    return idle ? `"${idle.name}" leaves these images as they are.` : null;
  });
  return findings.report("family", name, throws);
}

/** Smooth enough that a shift of half a pixel does not meet noise alone. */
function drawn(seed: number, count: number, [c, h, w]: readonly [number, number, number]): ImageBatch {
  const rng = random(seed, "testing", "images", c, h, w);
  const data = Float32Array.from({ length: count * c * h * w }, () => rng.uniform());
  return { data, shape: [count, c, h, w] };
}

const same = (what: string, found: Float32Array, expected: Float32Array): string | null =>
  apart(what, found, expected, { share: 0, least: 0 });

/** With the member and the images' shape before what is wrong. */
function attempted(member: Transform, shape: readonly number[], test: () => string | null): string | null {
  const where = `"${member.name}" of images [N, ${shape.join(", ")}]:`;
  try {
    const fault = test();
    return fault === null ? null : `${where} ${fault}`;
  } catch (cause) {
    throw new UsageError(`${where} ${(cause as Error).message}`, { cause });
  }
}
