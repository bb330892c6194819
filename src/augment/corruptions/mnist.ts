/**
 * MNIST-C: the fifteen corruptions of digits by Mu & Gilmer (MNIST-C: A Robustness Benchmark for Computer Vision, 2019), each at the one
 * severity of their data set.
 */
import { type OptionTable, tested } from "../../options/index.ts";
import { type FamilyMaker, defineFamily } from "../define-family.ts";
import { familySeed } from "../member-options.ts";
import { warpTaps, type InverseAffine } from "../warp-taps.ts";
import { brighter } from "./colours.ts";
import { fineEdges } from "./canny.ts";
import { type Corruption, eachPlane } from "./corruption.ts";
import { corrupted } from "./corrupted.ts";
import { glassBlur } from "./glass-blur.ts";
import { motionBlur } from "./motion-blur.ts";
import { impulseNoise, shotNoise } from "./noises.ts";
import { mudSpatter } from "./spatter.ts";
import { dottedLine, stripe, zigzag } from "./strokes.ts";
import { fog } from "./weather.ts";

/** By name: the severity, and what it does. */
const mnist = {
  shot_noise: [5, shotNoise(3)],
  impulse_noise: [4, impulseNoise(0.17)],
  glass_blur: [1, glassBlur(0.7, 1, 2)],
  motion_blur: [1, motionBlur(10, 3)],
  shear: [2, moved((_, sign) => [1, -Math.sin(sign() * 0.4), 0, 0, Math.cos(0.4), 0])],
  scale: [3, moved(() => [1 / 0.7, 0, 0, 0, 1 / 0.7, 0])],
  rotate: [2, moved((_, sign) => turned(sign() * 0.4))],
  brightness: [5, brighter(0.5)],
  translate: [3, moved((side, sign) => [1, 0, sign() * 3 * (side / 28), 0, 1, sign() * 3 * (side / 28)])],
  stripe: [1, stripe],
  fog: [5, fog(3, 1.4, 256)],
  spatter: [4, mudSpatter({ mean: 0.65, sigma: 0.3, smoothing: 1, threshold: 0.65 }, 1.5, [63, 63, 63])],
  dotted_line: [1, dottedLine],
  zigzag: [1, zigzag],
  canny_edges: [1, edges],
} as const satisfies Readonly<Record<string, readonly [severity: number, Corruption]>>;

export type MnistCorruptionName = keyof typeof mnist;

export const mnistCorruptionNames = Object.keys(mnist) as readonly MnistCorruptionName[];

export interface MnistCorruptionsOptions {
  /** Which; default all fifteen. */
  readonly names?: readonly MnistCorruptionName[];
  /** Another seed draws other noise and movements for every image; default 0. */
  readonly seed?: number;
}

const areNames = (value: unknown): value is readonly MnistCorruptionName[] =>
  Array.isArray(value) && value.every((name) => Object.hasOwn(mnist, name as string));

/** The rows of {@link MnistCorruptionsOptions}. */
export const mnistCorruptionsOptions = {
  names: tested<
    readonly MnistCorruptionName[],
    { description: string; default: readonly MnistCorruptionName[] }
  >(areNames, `a list of: ${mnistCorruptionNames.join(", ")}`, {
    description: "which corruptions",
    default: mnistCorruptionNames,
  }),
  seed: familySeed,
} satisfies OptionTable<MnistCorruptionsOptions>;

/**
 * MNIST-C's corruptions, drawn anew for each image. They are meant for grey digits of 28 pixels; lengths of what moves or is drawn
 * grow with the image, blurs and noise stay. Motion is by whole pixels along a line, where the authors call ImageMagick.
 */
export const mnistCorruptions: FamilyMaker<MnistCorruptionsOptions> = defineFamily({
  name: "corruptions-mnist",
  unit: "severity, of MNIST-C",
  options: mnistCorruptionsOptions,
  members: ({ names, seed }) =>
    names.map((name) => {
      const [severity, apply] = mnist[name];
      const parameters = { severity, corruption: mnistCorruptionNames.indexOf(name), seed };
      return corrupted(`${name} severity ${severity}`, parameters, apply);
    }),
});

/** A function: it is used above where it stands. */
function edges(...[image, out, size]: Parameters<Corruption>): void {
  eachPlane(image, size, (plane, c) => out.set(fineEdges(plane, size), c * plane.length));
}

/** Read bilinearly about the middle, black outside. `sign` draws one. */
function moved(matrixOf: (side: number, sign: () => 1 | -1) => InverseAffine): Corruption {
  return (image, out, size, rng) => {
    const { height, width } = size;
    const matrix = matrixOf(Math.min(height, width), () => (rng.uniform() < 0.5 ? 1 : -1));
    const { targets, sources, weights, each } = warpTaps(matrix, height, width);
    out.fill(0);
    eachPlane(image, size, (plane, c) =>
      targets.forEach((target, i) => {
        let sum = 0;
        for (let tap = each * i; tap < each * (i + 1); tap++) sum += weights[tap] * plane[sources[tap]];
        out[c * plane.length + target] = sum;
      }),
    );
  };
}

function turned(radians: number): InverseAffine {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return [cos, -sin, 0, sin, cos, 0];
}
