/** Images of other sizes. */
import type { OperatorConverter } from "../context.ts";
import { ModelError } from "../../onnx/index.ts";
import { Laid } from "../held.ts";
import { images } from "./convolution.ts";

/**
 * Where a pixel reads: corners on corners; by pixels' centres; or, as before TensorFlow 2, by their upper left corners. Nearest
 * rounds down, but for corners on corners, which it rounds; round(x − 1/2) of centres is the same as rounding down.
 */
const resize =
  (mode: "linear" | "nearest"): OperatorConverter =>
  (context) => {
    const { g, attributes } = context;
    const x = images(context);
    const size = context.lengths(1, "size").values.map(({ n, perImage }) => {
      if (perImage || !(n >= 1)) throw new ModelError("its size hangs on the images, or is none");
      return n;
    });
    if (size.length !== 2) throw new ModelError(`its size [${size.join(", ")}] is not [height, width]`);
    const isAligned = attributes.truth("align_corners");
    const isCentred = attributes.truth("half_pixel_centers");
    const coordinates = isAligned ? "align_corners" : isCentred ? "half_pixel" : "asymmetric";
    if (size.every((length, i) => length === x.shape[i + 1])) return x;
    return Laid.first(
      g,
      g.op1("Resize", [x.first, null, null, g.ints(size)], {
        axes: [2, 3],
        mode,
        coordinate_transformation_mode: coordinates,
        ...(mode === "nearest" && { nearest_mode: isAligned || isCentred ? "round_prefer_ceil" : "floor" }),
      }),
    );
  };

export const resizeOperators: Readonly<Record<string, OperatorConverter>> = {
  ResizeBilinear: resize("linear"),
  ResizeNearestNeighbor: resize("nearest"),
};
