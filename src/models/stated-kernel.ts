import { type Interpolation, interpolations } from "../tensor/index.ts";

/** The kernel that a configuration asks for, as a member of a rule; where it is none that is known, what is said of it. */
export function statedKernel(
  stated: string | number | null | undefined,
  known: Interpolation | undefined,
  source: string,
): { readonly kernel: { readonly interpolation?: Interpolation }; readonly kernelNote?: string } {
  if (known !== undefined) return { kernel: { interpolation: known } };
  if (stated === null || stated === undefined || stated === "") return { kernel: {} };
  return {
    kernel: {},
    kernelNote:
      `${source} asks for the interpolation ${JSON.stringify(stated)}, which is none that is known (${interpolations.join(", ")}): ` +
      `pictures are resized by bilinear, or as interpolation (--interpolation) says.`,
  };
}
