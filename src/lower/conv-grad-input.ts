import { type GraphBuilder, type Value, intsAttribute } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { type ConvWindow, allEqual, convWindow, product } from "./conv-window.ts";
import type { Lowering } from "./recipe.ts";

interface Inputs {
  readonly dy: Value;
  readonly w: Value;
  readonly window: ConvWindow;
  /** Lengths of the spatial axes of dX. */
  readonly spatial: readonly number[];
}

type Recipe = (g: GraphBuilder, inputs: Inputs) => Value;

/** All recipes by name. Every one computes the same dX where {@link applicableRecipes} lists it. */
export const convGradInputRecipes = { columns, flippedKernel, transposed } satisfies Record<string, Recipe>;

export type ConvGradInputRecipe = keyof typeof convGradInputRecipes;

/**
 * The recipes that can compute this gradient, the fastest first (docs/performance.md). The flipped kernel, for
 * stride 1 only, wins above 64 channels or 16×16 maps; columns win below.
 */
export function applicableRecipes({ dy, w, window, spatial }: Inputs): ConvGradInputRecipe[] {
  const { group, strides, dilations, kernel, pads, rank } = window;
  const fits = pads.every((p, i) => p <= (kernel[i % rank] - 1) * dilations[i % rank]);
  if (dy.dtype !== "float32" || group !== 1) return ["transposed"];
  const general: ConvGradInputRecipe[] = rank === 2 ? ["transposed", "columns"] : ["transposed"];
  if (!allEqual(strides, 1) || !fits) return general;
  const isSmall = Math.min(w.shape[0], w.shape[1]) <= 64 && spatial[0] <= 16;
  return isSmall ? [...general.toReversed(), "flippedKernel"] : ["flippedKernel", ...general];
}

/** dX of Conv. */
export const convGradInput: Lowering = (g, node) => {
  const [dy, w] = node.inputs;
  const inputs = { dy, w, window: convWindow(node), spatial: intsAttribute(node, "spatial") };
  return [convGradInputRecipes[applicableRecipes(inputs)[0]](g, inputs)];
};

/** What each position of dY gives to the patch it came from, as columns [N, Ci·k, L], added up into the image. */
function columns(g: GraphBuilder, { dy, w, window, spatial }: Inputs): Value {
  const { kernel, strides, dilations, pads } = window;
  const [co, ci] = w.shape;
  const [n, , ...output] = dy.shape;
  const weights = g.transpose(g.reshape(w, [co, ci * product(kernel)]), [1, 0]);
  const patches = g.matMul(weights, g.reshape(dy, [n, co, product(output)]));
  return g.op1("Col2Im", [patches, g.ints(spatial), g.ints(kernel)], { strides, dilations, pads });
}

/** ConvTranspose, with the positions that the stride left over as output padding. */
function transposed(g: GraphBuilder, { dy, w, window, spatial }: Inputs): Value {
  const { kernel, strides, dilations, pads, group, rank } = window;
  const leftOver = spatial.map((n, i) => {
    const covered = (dy.shape[i + 2] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    return n - (covered - pads[i] - pads[i + rank]);
  });
  // ONNX Runtime wants output_padding < stride; what is more is padded with zeros afterwards.
  const inside = leftOver.map((l, i) => Math.min(l, strides[i] - 1));
  const after = leftOver.map((l, i) => l - inside[i]);
  const dx = g.op1("ConvTranspose", [dy, w], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads,
    group,
    output_padding: inside,
  });
  return g.pad(dx, [0, 0, ...spatial.map(() => 0), 0, 0, ...after]);
}

/**
 * Convolution of dY with W transposed in its channels and reversed in space. The reversal is a matrix product with
 * the reversed identity: a slice of negative step would cost 5–10 ms on 512×512×3×3.
 */
function flippedKernel(g: GraphBuilder, { dy, w, window }: Inputs): Value {
  const { kernel, dilations, pads, rank } = window;
  const [co, ci] = w.shape;
  const taps = product(kernel);
  const reversal = Float32Array.from({ length: taps * taps }, (_, i) =>
    (i % taps) + Math.floor(i / taps) === taps - 1 ? 1 : 0,
  );
  const flipped =
    taps === 1
      ? w
      : g.reshape(
          g.matMul(g.reshape(w, [co * ci, taps]), g.constant(float32([taps, taps], reversal))),
          w.shape,
        );
  const spatialAxes = kernel.map((_, i) => i + 2);
  return g.op1("Conv", [dy, g.transpose(flipped, [1, 0, ...spatialAxes])], {
    kernel_shape: kernel,
    strides: kernel.map(() => 1),
    dilations,
    pads: pads.map((p, i) => (kernel[i % rank] - 1) * dilations[i % rank] - p),
    group: 1,
  });
}
