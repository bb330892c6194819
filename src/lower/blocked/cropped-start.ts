import type { GraphBuilder, Value } from "../../onnx/index.ts";

/** Plain images [N, C, H, W] without so many of their first rows and columns. */
export function croppedStart(g: GraphBuilder, x: Value, down: number, along: number): Value {
  const [, , h, w] = x.shape;
  const cut = [
    { axis: 2, start: down, end: h },
    { axis: 3, start: along, end: w },
  ].filter(({ start }) => start > 0);
  return cut.length > 0 ? g.slice(x, cut) : x;
}
