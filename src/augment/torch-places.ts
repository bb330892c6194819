/**
 * The nearest pixel as torchvision finds it: which one a place half-way between two goes to is decided by the roundings of its
 * float32 arithmetic, `_gen_affine_grid` or `_perspective_grid` and then `grid_sample(mode="nearest", align_corners=False)`.
 */
import { type PlaceOf, type SourceMap, type WarpSize, sourceOf } from "./source-map.ts";

const f = Math.fround;

export function torchPlaces(map: SourceMap, size: WarpSize): PlaceOf {
  const { height, width, frame } = size;
  // torchvision knows no frame.
  if (typeof map === "function" && frame) return rounded(sourceOf(map, size));
  const [halfX, halfY] = [f(0.5 * width), f(0.5 * height)];
  const placed = (x: number, y: number, place: Float64Array): void => {
    place[0] = nearest(x, halfX);
    place[1] = nearest(y, halfY);
  };
  if (typeof map === "function") {
    const [p0, p1, p2, p3, p4, p5, p6, p7] = map(height, width).map(f);
    const rowX = [p0, p1, p2].map((p) => f(p / halfX));
    const rowY = [p3, p4, p5].map((p) => f(p / halfY));
    return (column, row, place) => {
      const [x, y] = [column + 0.5, row + 0.5];
      const scale = product([p6, p7, 1], x, y);
      placed(f(f(product(rowX, x, y) / scale) - 1), f(f(product(rowY, x, y) / scale) - 1), place);
    };
  }
  const [a, b, tx, c, d, ty] = map;
  const rowX = [a, b, tx].map((m) => f(f(m) / halfX));
  const rowY = [c, d, ty].map((m) => f(f(m) / halfY));
  const [firstX, firstY] = [0.5 - 0.5 * width, 0.5 - 0.5 * height];
  return (column, row, place) => {
    const [x, y] = [firstX + column, firstY + row];
    placed(product(rowX, x, y), product(rowY, x, y), place);
  };
}

/** A row of a matrix times (x, y, 1). */
const product = ([a, b, c]: readonly number[], x: number, y: number): number => f(f(f(a * x) + f(b * y)) + c);

/** From −1 … 1 to whole pixels, halves to even ones. */
const nearest = (place: number, half: number): number => halfEven(f(f(f(place + 1) * half) - 0.5));

const rounded =
  (placeOf: PlaceOf): PlaceOf =>
  (x, y, place) => {
    placeOf(x, y, place);
    place[0] = halfEven(place[0]);
    place[1] = halfEven(place[1]);
  };

function halfEven(at: number): number {
  const floor = Math.floor(at);
  const rest = at - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
