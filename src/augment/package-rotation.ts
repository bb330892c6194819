import { type TransformFamily, family } from "./family.ts";
import { type RotationOptions, rotation } from "./rotation.ts";

/**
 * The rotations among the defaults of the Python package `alignreg` 1.0 (PyTorch): the paper's angles, clockwise.
 * They are bilinear, as every rotation here; the package calls torchvision's `rotate` with its default, the nearest
 * pixel.
 */
export function packageRotation({ degrees = [-15, -30, -45, -60] }: RotationOptions = {}): TransformFamily {
  const { unit, members } = rotation({ degrees });
  return family("package-rotation", unit, members.slice(1));
}
