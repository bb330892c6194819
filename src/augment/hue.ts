import type { OptionTable } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { perPixel } from "./per-pixel.ts";
import { memberValues } from "./member-options.ts";

export interface HueOptions {
  /** Shifts of the members in turns of the colour wheel, −0.5 … 0.5, not 0: 1/3 takes red to green. */
  readonly turns?: readonly number[];
}

/** The row of {@link HueOptions} with its default here. */
export const hueOptions = {
  turns: memberValues({
    description: "shares of a turn of the colour wheel, −0.5 to 0.5, not 0",
    default: [-0.2, -0.1, 0.1, 0.2],
  }),
} satisfies OptionTable<HueOptions>;

/**
 * Shift of the hue with saturation and value (HSV) as they are: torchvision's `functional.adjust_hue`. Images in
 * [0, 1] must have three channels (torchvision returns those of one as they are).
 */
export const hue: FamilyMaker<HueOptions> = defineFamily({
  name: "hue",
  unit: "hue shift, in turns of the colour wheel",
  options: hueOptions,
  members: ({ turns }) => turns.map(hueBy),
  mayChangeMeaning: () => ["colours"],
  range: { of: "turns", neutral: 0 },
});

function hueBy(turns: number): Transform {
  if (!(Math.abs(turns) <= 0.5) || turns === 0) {
    throw new UsageError(
      `Cannot shift the hue by ${turns}. Give a share of a turn of the colour wheel from −0.5 to 0.5 that is not 0: ` +
        `the identity is a member of every family already.`,
    );
  }
  return {
    name: `hue ${turns}`,
    parameters: { turns },
    apply: perPixel("hue", (pixels, out, r, g, b) => {
      const value = Math.max(pixels[r], pixels[g], pixels[b]);
      const chroma = value - Math.min(pixels[r], pixels[g], pixels[b]);
      const sixths = hueInSixths(pixels[r], pixels[g], pixels[b], value, chroma) + 6 * turns;
      out[r] = channelAt(sixths + 5, value, chroma);
      out[g] = channelAt(sixths + 3, value, chroma);
      out[b] = channelAt(sixths + 1, value, chroma);
    }),
  };
}

/** The angle on the colour wheel, −1 … 5: red 0, green 2, blue 4; grey has none and counts as red. */
function hueInSixths(r: number, g: number, b: number, value: number, chroma: number): number {
  if (chroma === 0) return 0;
  if (value === r) return (g - b) / chroma;
  return value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
}

/** A channel falls from `value` over one sixth of the wheel, lies at value − chroma for two, and rises over one. */
function channelAt(sixths: number, value: number, chroma: number): number {
  const k = ((sixths % 6) + 6) % 6;
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
}
