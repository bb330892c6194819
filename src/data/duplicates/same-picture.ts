import { areaAverage } from "./area-average.ts";
import { MOST_CUT, type Part, SLACK, croppedTo, fitCrop, wholePart } from "./crop-fit.ts";
import { CHROMA_SIDE, type Fingerprint, LUMA_SIDE } from "./fingerprint.ts";

/** Side at which a pair is looked at first. */
const COARSE_SIDE = 16;

/**
 * How much two pictures may differ somewhere, as a share of the contrast (the standard deviation of the luma). Copies that are
 * encoded anew or of a third of the size differ by less than 0.2, 97 of 100 that are cut off by a twentieth by less than 0.3.
 */
const MOST_DIFFERENCE = 0.3;
/**
 * The share of a picture's places that its edges are on, from which on that holds. Below, little tells pictures apart: of the 6,742
 * ones of MNIST 81 pairs differ by less than 0.3, with edges on 0.14 of their places.
 */
const FULL_DETAIL = 0.2;
/** The same at a first glance. */
const COARSE_DIFFERENCE = 0.5;
/** How alike the edges are, as a correlation of gradients: 0.98 and more of copies, under 0.9 of two ships at sea. */
const LEAST_EDGES = 0.92;
/** Contrast under which a picture shows too little to be known by. */
const LEAST_CONTRAST = 0.02;
/** How much colours may differ at a place, of [0, 1]. */
const MOST_COLOUR = 0.08;
/** A copy may be brighter or of more contrast by this factor at most. */
const MOST_GAIN = 1.3;

/**
 * Whether one picture is a copy of the other: encoded anew, of another size, or cut off by up to a tenth at each side. Pictures
 * that merely look alike are none: what differs in one place counts, however much agrees elsewhere.
 */
export function samePicture(one: Fingerprint, other: Fingerprint): boolean {
  const [small, smallOther] = [one, other].map(({ luma }) =>
    areaAverage(luma, LUMA_SIDE, LUMA_SIDE, COARSE_SIDE),
  );
  const box = fitCrop(small, smallOther, COARSE_SIDE, wholePart, {
    steps: 3,
    most: MOST_CUT,
    least: -MOST_CUT,
  });
  const glance = compared(croppedTo(small, COARSE_SIDE, box), smallOther, COARSE_SIDE);
  if (glance.difference > COARSE_DIFFERENCE) return false;
  // A part shows less than all of it in both directions.
  const shown = box.right - box.left + (box.bottom - box.top);
  return shown <= 2 ? isPartOf(other, one, box) : isPartOf(one, other, inverted(box));
}

/** Where `a` shows the part `box` of `b`: the part of `a` that `b` shows. */
const inverted = ({ left, right, top, bottom }: Part): Part => ({
  left: -left / (right - left),
  right: (1 - left) / (right - left),
  top: -top / (bottom - top),
  bottom: (1 - top) / (bottom - top),
});

function isPartOf(part: Fingerprint, whole: Fingerprint, near: Part): boolean {
  const box = fitCrop(whole.luma, part.luma, LUMA_SIDE, near, { steps: 8, most: MOST_CUT, least: -SLACK });
  const { difference, edges, contrast, gain, detail } = compared(
    croppedTo(whole.luma, LUMA_SIDE, box),
    part.luma,
    LUMA_SIDE,
  );
  return (
    difference <= MOST_DIFFERENCE * Math.min(detail / FULL_DETAIL, 1) ** 2 &&
    edges >= LEAST_EDGES &&
    contrast >= LEAST_CONTRAST &&
    gain <= MOST_GAIN &&
    gain >= 1 / MOST_GAIN &&
    sameColours(part, whole, box)
  );
}

interface Comparison {
  /** The greatest, over 3 × 3 places, in units of the contrast. */
  readonly difference: number;
  /** Correlation of gradients. */
  readonly edges: number;
  readonly contrast: number;
  /** The share of places that edges are on: (Σ e)² / n Σ e², of the squared gradients of the second. */
  readonly detail: number;
  /** What the first is multiplied by to be like the second. */
  readonly gain: number;
}

function compared(one: Float32Array, other: Float32Array, side: number): Comparison {
  const n = side * side;
  let [sum1, sum2, square1, square2, product] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sum1 += one[i];
    sum2 += other[i];
    square1 += one[i] * one[i];
    square2 += other[i] * other[i];
    product += one[i] * other[i];
  }
  const variance1 = square1 / n - (sum1 / n) ** 2;
  const contrast = Math.sqrt(Math.max(square2 / n - (sum2 / n) ** 2, 0));
  if (variance1 <= 0 || contrast === 0) {
    return { difference: Infinity, edges: 0, contrast: 0, gain: 0, detail: 0 };
  }
  const gain = (product / n - (sum1 / n) * (sum2 / n)) / variance1;
  const offset = sum2 / n - (gain * sum1) / n;
  const greatest = greatestOfBoxes((at) => gain * one[at] + offset - other[at], side);
  let [edge1, edge2, fourth, edges] = [0, 0, 0, 0];
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const at = y * side + x;
      let own = 0;
      for (const step of [1, side]) {
        const [slope1, slope2] = [one[at + step] - one[at - step], other[at + step] - other[at - step]];
        edge1 += slope1 * slope1;
        own += slope2 * slope2;
        edges += slope1 * slope2;
      }
      edge2 += own;
      fourth += own * own;
    }
  }
  return {
    difference: greatest / contrast,
    edges: edges / Math.sqrt(edge1 * edge2 || 1),
    contrast,
    gain,
    detail: edge2 ** 2 / (fourth * (side - 2) ** 2 || 1),
  };
}

/** The greatest of |difference|, as a mean over 3 × 3 places. */
function greatestOfBoxes(difference: (at: number) => number, side: number): number {
  let greatest = 0;
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      let sum = 0;
      for (let dy = -side; dy <= side; dy += side)
        for (let dx = -1; dx <= 1; dx++) sum += difference(y * side + x + dy + dx);
      greatest = Math.max(greatest, Math.abs(sum) / 9);
    }
  }
  return greatest;
}

function sameColours(part: Fingerprint, whole: Fingerprint, box: Part): boolean {
  if (part.chroma === null || whole.chroma === null) return true;
  const n = CHROMA_SIDE * CHROMA_SIDE;
  for (const from of [0, n]) {
    const here = part.chroma.subarray(from, from + n);
    const there = croppedTo(whole.chroma.subarray(from, from + n), CHROMA_SIDE, box);
    if (greatestOfBoxes((at) => there[at] - here[at], CHROMA_SIDE) > MOST_COLOUR) return false;
  }
  return true;
}
