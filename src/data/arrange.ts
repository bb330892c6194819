/** How a decoded picture of any size comes to the size that is wanted. */
import type { PictureRule } from "../tensor/index.ts";
import { roundHalfEven } from "./round-half-even.ts";
import { type Size, type Window, resample } from "./resample.ts";

/**
 * A picture [H, W, channels] of interleaved bytes at the size that is wanted.
 *
 * - "stretch": Pillow's `picture.resize((width, height), …)`.
 * - "crop": torchvision's `CenterCrop((height, width))` of `Resize(…)`, whose shorter side is ⌊side / cropShare⌋: with
 *   0.875 and 224 the `Resize(256)` of most networks for ImageNet.
 * - "pad": Pillow's `ImageOps.pad(picture, (width, height), …)`, black around.
 *
 * Where transforms come before the crop, it is the window of {@link surroundingSize} about the same middle.
 */
export function arranged(
  picture: Uint8Array,
  channels: number,
  from: Size,
  to: Size,
  rule: Pick<PictureRule, "resize" | "cropShare" | "interpolation" | "transformBeforeCrop">,
): Uint8Array {
  const { resize, cropShare, interpolation } = rule;
  if (resize === "crop") {
    const whole = coveringSize(from, wholeSides(to, cropShare));
    return resample(picture, channels, from, whole, {
      interpolation,
      window: around(middle(whole, to), surroundingSize(to, rule)),
    });
  }
  if (resize === "pad") {
    const inner = containedSize(from, to);
    return padded(resample(picture, channels, from, inner, { interpolation }), channels, inner, to);
  }
  return resample(picture, channels, from, to, { interpolation });
}

/** The sides of which `to` is the share that is cut out. */
export function wholeSides({ height, width }: Size, cropShare: number): Size {
  // 224 / (224 / 232) may be less than 232 by rounding.
  const whole = (side: number) => Math.floor(side / cropShare + 1e-6);
  return { height: whole(height), width: whole(width) };
}

/**
 * The size of which an image is the middle: whole pixels more on each side, the same on opposite ones, and within the covering
 * sides of any picture. The image's own size where transforms come after the crop.
 */
export function surroundingSize(
  to: Size,
  { cropShare, transformBeforeCrop }: Pick<PictureRule, "cropShare" | "transformBeforeCrop">,
): Size {
  if (!transformBeforeCrop) return to;
  const whole = wholeSides(to, cropShare);
  const side = (own: number, covering: number) => own + 2 * Math.floor((covering - own) / 2);
  return { height: side(to.height, whole.height), width: side(to.width, whole.width) };
}

/** The window of a size about another's middle. */
const around = ({ top, left, height, width }: Window, size: Size): Window => ({
  top: top - (size.height - height) / 2,
  left: left - (size.width - width) / 2,
  height: size.height,
  width: size.width,
});

/** The least size of the picture's shape that covers `box`: one side is the box's, the other is cut to whole pixels. */
function coveringSize({ height, width }: Size, box: Size): Size {
  const isByHeight = box.height * width >= box.width * height;
  return isByHeight
    ? { height: box.height, width: Math.max(box.width, Math.trunc((box.height * width) / height)) }
    : { height: Math.max(box.height, Math.trunc((box.width * height) / width)), width: box.width };
}

const middle = (whole: Size, { height, width }: Size): Window => ({
  top: roundHalfEven((whole.height - height) / 2),
  left: roundHalfEven((whole.width - width) / 2),
  height,
  width,
});

/** The greatest size of the picture's shape that fits into `box`. */
function containedSize({ height, width }: Size, box: Size): Size {
  const [shape, boxShape] = [width / height, box.width / box.height];
  if (shape > boxShape)
    return { height: Math.max(1, roundHalfEven((height / width) * box.width)), width: box.width };
  if (shape < boxShape)
    return { height: box.height, width: Math.max(1, roundHalfEven((width / height) * box.height)) };
  return box;
}

function padded(inner: Uint8Array, channels: number, size: Size, to: Size): Uint8Array {
  if (size.height === to.height && size.width === to.width) return inner;
  const result = new Uint8Array(to.height * to.width * channels);
  const top = roundHalfEven((to.height - size.height) / 2);
  const left = roundHalfEven((to.width - size.width) / 2);
  const length = size.width * channels;
  for (let row = 0; row < size.height; row++) {
    const line = inner.subarray(row * length, (row + 1) * length);
    result.set(line, ((top + row) * to.width + left) * channels);
  }
  return result;
}
