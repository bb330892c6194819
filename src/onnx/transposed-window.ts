import { type Shape, ShapeError } from "../tensor/index.ts";
import { describeNode, intsAttribute, stringAttribute } from "./attribute.ts";
import type { Window, WindowedNode } from "./window.ts";

/**
 * The window of ConvTranspose: strides, dilations, pads, `output_padding`, `output_shape` and `auto_pad` resolved.
 *
 * `pads` crop what the kernel reaches; `output` has the lengths that come out. Where padding follows from `output_shape`
 * or `auto_pad`, an odd total is larger at the end for SAME_UPPER and at the start otherwise.
 *
 * @param spatial  input lengths of the spatial axes
 * @param kernel   kernel lengths of the spatial axes
 */
export function resolveTransposedWindow(node: WindowedNode, spatial: Shape, kernel: Shape): Window {
  const rank = spatial.length;
  const ones = spatial.map(() => 1);
  const zeros = spatial.map(() => 0);
  const strides = intsAttribute(node, "strides", ones);
  const dilations = intsAttribute(node, "dilations", ones);
  const extra = intsAttribute(node, "output_padding", zeros);
  const given = intsAttribute(node, "pads", [...zeros, ...zeros]);
  const wanted = intsAttribute(node, "output_shape", []).slice(-rank);
  const lengths = { strides, dilations, output_padding: extra };
  for (const [key, values] of Object.entries(lengths)) {
    if (values.length !== rank) {
      throw new ShapeError(
        `${describeNode(node)} has ${key} [${values}]; ${rank} spatial axes need ${rank}.`,
      );
    }
  }
  if (given.length !== 2 * rank || (wanted.length > 0 && wanted.length !== rank)) {
    throw new ShapeError(
      `${describeNode(node)} has pads [${given}] and output_shape [${wanted}]; ` +
        `${rank} spatial axes need ${2 * rank} pads, and ${rank} lengths if any.`,
    );
  }
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  const isSame = autoPad.startsWith("SAME");
  const reached = spatial.map((n, i) => (n - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + extra[i]);
  const target = wanted.length > 0 ? wanted : isSame ? spatial.map((n, i) => n * strides[i]) : undefined;
  const pads = target ? padsFor(target, reached, autoPad) : autoPad === "VALID" ? given.map(() => 0) : given;
  const cropped = reached.map((length, i) => length - pads[i] - pads[i + rank]);
  const output = target ?? cropped;
  const beyond = output.findIndex((length, i) => length - (cropped[i] - extra[i]) >= strides[i]);
  if (beyond !== -1) {
    throw new ShapeError(
      `${describeNode(node)} makes ${output[beyond]} elements of spatial axis ${beyond}, of which its input reaches ` +
        `${cropped[beyond] - extra[beyond]}; only less than a stride of ${strides[beyond]} may be left over.`,
    );
  }
  return { kernel, strides, dilations, pads, output };
}

/** The pads with which `target` of the `reached` lengths are left. */
function padsFor(target: Shape, reached: Shape, autoPad: string): number[] {
  const total = target.map((length, i) => Math.max(0, reached[i] - length));
  const small = total.map((t) => Math.floor(t / 2));
  const large = total.map((t) => Math.ceil(t / 2));
  return autoPad === "SAME_UPPER" ? [...small, ...large] : [...large, ...small];
}
