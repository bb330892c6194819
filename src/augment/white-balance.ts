import { type OptionTable, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { requireColour } from "./colour-channels.ts";
import { curved } from "./curve.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { memberValues } from "./member-options.ts";
import { outputFor } from "./output.ts";

export interface WhiteBalanceOptions {
  /** Of the light, in kelvin, 1700 to 25,000, not 6500: below it is warm and red, above cold and blue. */
  readonly kelvin?: readonly number[];
}

/** The row of {@link WhiteBalanceOptions} with its default here. */
export const whiteBalanceOptions = {
  kelvin: memberValues({
    description: "colour temperatures of the light, 1700 to 25000, not 6500; below it is warm, above cold",
    default: [3500, 5000, 8500, 12_000],
  }),
} satisfies OptionTable<WhiteBalanceOptions>;

/** Daylight, as which images are taken. */
const neutral = 6500;

/**
 * The image as if its light were a glowing body of another temperature and the camera set to daylight: linear light (sRGB's curve
 * undone) times a gain for each channel, clipped. Gains are the colour of Planck's radiator (Kang et al., Journal of the Korean
 * Physical Society 41, 2002) in sRGB's primaries (IEC 61966-2-1), divided by that at 6500 K, green unchanged.
 */
export const whiteBalance: FamilyMaker<WhiteBalanceOptions> = defineFamily({
  name: "white-balance",
  unit: "colour temperature of the light, in kelvin",
  options: whiteBalanceOptions,
  members: ({ kelvin }) => kelvin.map(litBy),
  mayChangeMeaning: ({ parameters: { kelvin } }) => (kelvin < 3000 || kelvin > 20_000 ? ["colours"] : []),
  range: { of: "kelvin", neutral },
});

function litBy(kelvin: number): Transform {
  if (!(kelvin >= 1700 && kelvin <= 25_000) || kelvin === neutral) {
    throw new UsageError(
      `There is no light of ${shown(kelvin)} K. Give a temperature from 1700 to 25000 other than ${neutral}: ` +
        `the identity is a member of every family already.`,
    );
  }
  const curves = gainsAt(kelvin).map((gain) =>
    curved((value) => encoded(Math.min(gain * decoded(value), 1))),
  );
  return {
    name: `white-balance ${kelvin} K`,
    parameters: { kelvin },
    apply(images, out) {
      requireColour("white-balance", images);
      const lit = outputFor(images, out);
      const [n, , height, width] = images.shape;
      const area = height * width;
      for (let plane = 0; plane < 3 * n; plane++) {
        const [start, end] = [plane * area, (plane + 1) * area];
        curves[plane % 3](images.data.subarray(start, end), lit.subarray(start, end));
      }
      return lit;
    },
  };
}

/** Of red, green and blue, in linear light. */
export function gainsAt(kelvin: number): readonly number[] {
  const [light, day] = [colourOf(kelvin), colourOf(neutral)];
  return light.map((value, c) => value / day[c] / (light[1] / day[1]));
}

/** Linear red, green and blue of a radiator of luminance 1; 0 where it is outside sRGB. */
function colourOf(kelvin: number): readonly number[] {
  const [x, y] = chromaticity(kelvin);
  const [X, Z] = [x / y, (1 - x - y) / y];
  return [
    3.2406 * X - 1.5372 - 0.4986 * Z,
    -0.9689 * X + 1.8758 + 0.0415 * Z,
    0.0557 * X - 0.204 + 1.057 * Z,
  ].map((value) => Math.max(value, 0));
}

/** CIE 1931 x and y, by Kang's polynomials. */
function chromaticity(kelvin: number): readonly [number, number] {
  const t = 1000 / kelvin;
  const x =
    kelvin <= 4000
      ? -0.2661239 * t ** 3 - 0.2343589 * t ** 2 + 0.8776956 * t + 0.17991
      : -3.0258469 * t ** 3 + 2.1070379 * t ** 2 + 0.2226347 * t + 0.24039;
  const y =
    kelvin <= 2222
      ? -1.1063814 * x ** 3 - 1.3481102 * x ** 2 + 2.18555832 * x - 0.20219683
      : kelvin <= 4000
        ? -0.9549476 * x ** 3 - 1.37418593 * x ** 2 + 2.09137015 * x - 0.16748867
        : 3.081758 * x ** 3 - 5.8733867 * x ** 2 + 3.75112997 * x - 0.37001483;
  return [x, y];
}

/** sRGB's curve, there and back. */
const decoded = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const encoded = (light: number): number =>
  light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
