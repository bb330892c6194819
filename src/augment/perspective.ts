import { type OptionTable, choice, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import type { Interpolation } from "./interpolation.ts";
import { fillOption, filled, interpolationOption, memberValues } from "./member-options.ts";
import type { Fill } from "./reflected.ts";
import { solved } from "./solved.ts";
import type { Projective } from "./source-map.ts";
import { warp } from "./warp.ts";

/** Of the side that is farther away, its two corners among upper left, upper right, lower right, lower left. */
const sides = {
  left: [0, 3],
  right: [1, 2],
  top: [0, 1],
  bottom: [3, 2],
} as const;

type Side = keyof typeof sides;
const sideNames = Object.keys(sides) as Side[];
const sideChoices = ["all", ...sideNames] as const;

export interface PerspectiveOptions {
  /** How far two corners go towards the middle, as shares of half a side, each above 0 and at most 1; a member for each and each side. */
  readonly distortions?: readonly number[];
  /** The side that is farther away: "left", "right", "top", "bottom", or "all" (default), each of them in a member of its own. */
  readonly side?: (typeof sideChoices)[number];
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
  /** How a place between pixels is read: "nearest", "bilinear" (default) or "bicubic". */
  readonly interpolation?: Interpolation;
}

/** The rows of {@link PerspectiveOptions}. */
export const perspectiveOptions = {
  distortions: memberValues({
    description: "how far a side shrinks, as a share of its half, above 0, at most 1; a member for each side",
    default: [0.3, 0.5],
  }),
  side: choice(sideChoices, {
    description: "the side that is farther away; all: each of them in a member of its own",
    default: "all",
  }),
  fill: fillOption,
  interpolation: interpolationOption,
} satisfies OptionTable<PerspectiveOptions>;

/**
 * The image seen from aside: the left, right, upper or lower side is farther away and smaller. torchvision's
 * `functional.perspective` where two corners of `RandomPerspective(distortion_scale)` have gone as far along that side as it
 * may draw them: ⌊distortion · ⌊side / 2⌋⌋ pixels, one at least.
 */
export const perspective: FamilyMaker<PerspectiveOptions> = defineFamily({
  name: "perspective",
  unit: "distortion, as a share of half a side",
  options: perspectiveOptions,
  members: ({ distortions, side, fill, interpolation }) =>
    distortions.flatMap((distortion) =>
      (side === "all" ? sideNames : [side]).map((each) => tiltBy(distortion, each, fill, interpolation)),
    ),
  range: { of: "distortions", neutral: 0, fixedBy: "side=left" },
});

function tiltBy(distortion: number, side: Side, fill: Fill, interpolation: Interpolation): Transform {
  if (!(distortion > 0 && distortion <= 1)) {
    throw new UsageError(
      `Cannot tilt by a distortion of ${shown(distortion)}. Give a share of half a side above 0 and at most 1: ` +
        `so far the corners of the side that is farther away go towards its middle.`,
    );
  }
  const { suffix, parameters } = filled(fill, interpolation);
  return {
    name: `perspective ${side} ${distortion}${suffix}`,
    parameters: { distortion, side: sideNames.indexOf(side), ...parameters },
    apply: warp((height, width) => tilted(height, width, side, distortion), fill, interpolation),
  };
}

/** From places in the view to those in the source. */
function tilted(height: number, width: number, side: Side, distortion: number): Projective {
  const farther: readonly number[] = sides[side];
  const isUpright = side === "left" || side === "right";
  const [length, axis] = isUpright ? [height, 1] : [width, 0];
  // A side of three pixels or fewer has no room to shrink: its corners would meet.
  if (length < 4) return [1, 0, 0, 0, 1, 0, 0, 0];
  const most = Math.floor(length / 2) - 1;
  const step = Math.min(most, Math.max(1, Math.floor(distortion * Math.floor(length / 2))));
  const start: Corner[] = [
    [0, 0],
    [width - 1, 0],
    [width - 1, height - 1],
    [0, height - 1],
  ];
  const end = start.map((corner, i) => {
    const moved: Corner = [corner[0], corner[1]];
    if (farther.includes(i)) moved[axis] += moved[axis] < length / 2 ? step : -step;
    return moved;
  });
  return between(end, start);
}

type Corner = [x: number, y: number];

/** The projective map that takes each of four places to another, by its eight equations. */
function between(from: readonly Corner[], to: readonly Corner[]): Projective {
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  return solved(rows) as unknown as Projective;
}
