import { UsageError } from "../tensor/index.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import { warp } from "./warp.ts";

export interface ScaleOptions {
  /** Zoom factors of the members a1 … aK: above 1 magnifies, below 1 makes smaller; none is 1. */
  readonly factors?: readonly number[];
}

/**
 * Zoom about the image centre: bilinear, zero outside the frame. Equal to torchvision's
 * `functional.affine(…, scale=factor, interpolation=BILINEAR)` on float tensors, which does not smooth before it
 * makes smaller either.
 */
export const scale = ({ factors = [0.6, 0.8, 1.2, 1.4] }: ScaleOptions = {}): TransformFamily =>
  family("scale", "zoom factor, above 1 magnifies", factors.map(scaleBy));

function scaleBy(factor: number): Transform {
  if (!Number.isFinite(factor) || factor <= 0 || factor === 1) {
    throw new UsageError(
      `Cannot scale by ${factor}. Give a positive finite zoom factor other than 1: ` +
        `the identity is a member of every family already.`,
    );
  }
  return {
    name: `scale ${factor}`,
    parameters: { factor },
    apply: warp([1 / factor, 0, 0, 0, 1 / factor, 0]),
  };
}
