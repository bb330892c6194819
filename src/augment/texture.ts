import { type OptionTable, choice } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { type PlaneFilter, lowPass } from "./low-pass.ts";
import { outputFor } from "./output.ts";
import { memberValues } from "./member-options.ts";

export interface TextureOptions {
  /**
   * Radii of the members' circles of kept frequencies, for images whose shorter side is 28 pixels; each above 0
   * and below 14√2 ≈ 19.8, which would keep every frequency.
   */
  readonly radii?: readonly number[];
  /** Whether a frequency exactly at the radius is kept: "inclusive" (default), or "exclusive", as in the authors' earlier code. */
  readonly edge?: Edge;
}

const edges = ["inclusive", "exclusive"] as const;
type Edge = (typeof edges)[number];

/** The image side, in pixels, that radii are given for: MNIST's, as in the paper. */
const referenceSide = 28;

/** The row of {@link TextureOptions} with its default here. */
export const textureOptions = {
  radii: memberValues({
    description: "radii of the kept frequencies on images of 28 pixels, above 0 and below 19.8",
    default: [12, 10, 8, 6],
  }),
  edge: choice(edges, {
    description: "whether a frequency exactly at the radius is kept (≤), or only nearer ones are (<)",
    default: "inclusive",
  }),
} satisfies OptionTable<TextureOptions>;

/**
 * Fourier low-pass: fine texture goes, shape stays. The default radii are the paper's (Wang, Huang, Wu & Xing, KDD
 * 2022). A member of radius r on an H×W image takes the 2-D DFT of each channel, zeroes every frequency whose
 * distance from the centre is *more than* r·min(H, W)/28, and inverts. The centre is frequency zero, index
 * (⌊H/2⌋, ⌊W/2⌋) after `numpy.fft.fftshift`; distances are in indices along both axes, so on images that are not
 * square the circle is one of cycles per side. Values may leave [0, 1] by ringing and are not clamped, as there.
 */
export const texture: FamilyMaker<TextureOptions> = defineFamily({
  name: "texture",
  unit: "low-pass radius, in cycles per 28 pixels",
  options: textureOptions,
  members: ({ radii, edge }) => radii.map((radius) => lowPassOf(radius, edge)),
});

function lowPassOf(radius: number, edge: Edge): Transform {
  if (!(radius > 0 && radius < referenceSide / Math.SQRT2)) {
    throw new UsageError(
      `Cannot low-pass with radius ${radius}. Give a radius above 0 and below 19.8, in cycles per 28 pixels: ` +
        `at 19.8 every frequency is kept, and the identity is a member of every family already.`,
    );
  }
  const isOpen = edge === "exclusive";
  const filterBySize = new Map<string, PlaneFilter>();
  return {
    name: `texture r ${radius}${isOpen ? " exclusive" : ""}`,
    parameters: { radius, ...(isOpen && { exclusive: 1 }) },
    apply(images, out) {
      const smooth = outputFor(images, out);
      const [n, channels, height, width] = images.shape;
      const size = `${height}x${width}`;
      let filter = filterBySize.get(size);
      if (filter === undefined) {
        filter = lowPass(height, width, (radius * Math.min(height, width)) / referenceSide, isOpen);
        filterBySize.set(size, filter);
      }
      filter(images.data, n * channels, smooth);
      return smooth;
    },
  };
}
