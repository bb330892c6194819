/**
 * Finds of which part of one picture another one is made: Gauss and Newton's steps on the part's four borders, a gain and an
 * offset (Lucas and Kanade, 1981), from the whole picture on.
 */

/** A part of a picture, as shares of its width and height: 0, 1, 0, 1 is all of it. */
export interface Part {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const wholePart: Part = { left: 0, right: 1, top: 0, bottom: 1 };

/** What is cut off of a side at most: as far as the steps find their way, and what is still called the same picture. */
export const MOST_CUT = 0.1;

/** How far a copy may reach over the border: resizing moves pictures by half a pixel. */
export const SLACK = 0.02;

const UNKNOWNS = 6;

interface FitLimits {
  /** At most. */
  readonly steps: number;
  /** What may be cut off of a side; less than 0 where the part may show more than `whole`. */
  readonly least: number;
  readonly most: number;
}

/** The part of `whole` that is most like `part`, both [side, side]. */
export function fitCrop(
  whole: Float32Array,
  part: Float32Array,
  side: number,
  start: Part,
  { steps, least, most }: FitLimits,
): Part {
  let box = limited(start, least, most);
  let [gain, offset] = [1, 0];
  const normal = new Float64Array(UNKNOWNS * UNKNOWNS);
  const right = new Float64Array(UNKNOWNS);
  for (let step = 0; step < steps; step++) {
    normal.fill(0);
    right.fill(0);
    for (let i = 0; i < side; i++) {
      const down = (i + 0.5) / side;
      const y = clamp((box.top + (box.bottom - box.top) * down) * side - 0.5, 0, side - 1);
      const row = Math.min(Math.floor(y), side - 2);
      const fy = y - row;
      for (let j = 0; j < side; j++) {
        const along = (j + 0.5) / side;
        const x = clamp((box.left + (box.right - box.left) * along) * side - 0.5, 0, side - 1);
        const column = Math.min(Math.floor(x), side - 2);
        const fx = x - column;
        const at = row * side + column;
        const upper = whole[at + 1] - whole[at];
        const lower = whole[at + side + 1] - whole[at + side];
        const first = whole[at] + upper * fx;
        const rise = whole[at + side] + lower * fx - first;
        const value = first + rise * fy;
        const dx = gain * (upper + (lower - upper) * fy) * side;
        const dy = gain * rise * side;
        addSample(normal, right, part[i * side + j] - gain * value - offset, [
          dx * (1 - along),
          dx * along,
          dy * (1 - down),
          dy * down,
          value,
        ]);
      }
    }
    // A picture without structure along an axis says nothing of its borders: they stay.
    for (let a = 0; a < 4; a++)
      normal[a * UNKNOWNS + a] = normal[a * UNKNOWNS + a] * (1 + 1e-4) + 1e-5 * side * side;
    if (!solve(normal, right)) break;
    box = limited(
      {
        left: box.left + right[0],
        right: box.right + right[1],
        top: box.top + right[2],
        bottom: box.bottom + right[3],
      },
      least,
      most,
    );
    gain += right[4];
    offset += right[5];
    if (Math.max(...right.subarray(0, 4).map(Math.abs)) < 1e-3) break;
  }
  return box;
}

const limited = ({ left, right, top, bottom }: Part, least: number, most: number): Part => ({
  left: clamp(left, least, most),
  right: clamp(right, 1 - most, 1 - least),
  top: clamp(top, least, most),
  bottom: clamp(bottom, 1 - most, 1 - least),
});

/** A part of a picture at the places of a whole one, [side, side]: between pixels linearly. */
export function croppedTo(picture: Float32Array, side: number, box: Part): Float32Array {
  const result = new Float32Array(side * side);
  for (let i = 0; i < side; i++) {
    const y = clamp((box.top + ((box.bottom - box.top) * (i + 0.5)) / side) * side - 0.5, 0, side - 1);
    const row = Math.min(Math.floor(y), side - 2);
    for (let j = 0; j < side; j++) {
      const x = clamp((box.left + ((box.right - box.left) * (j + 0.5)) / side) * side - 0.5, 0, side - 1);
      const column = Math.min(Math.floor(x), side - 2);
      const at = row * side + column;
      const upper = picture[at] + (picture[at + 1] - picture[at]) * (x - column);
      const lower = picture[at + side] + (picture[at + side + 1] - picture[at + side]) * (x - column);
      result[i * side + j] = upper + (lower - upper) * (y - row);
    }
  }
  return result;
}

const clamp = (value: number, least: number, greatest: number): number =>
  value < least ? least : value > greatest ? greatest : value;

/**
 * Adds one place to the normal equations.
 *
 * @param slopes  by the unknowns; that of the last, the offset, is 1
 */
function addSample(
  normal: Float64Array,
  right: Float64Array,
  residual: number,
  [s0, s1, s2, s3, s4]: readonly [number, number, number, number, number],
): void {
  // Written out: it runs for each place of each pair.
  normal[0] += s0 * s0;
  normal[1] += s0 * s1;
  normal[2] += s0 * s2;
  normal[3] += s0 * s3;
  normal[4] += s0 * s4;
  normal[5] += s0;
  normal[7] += s1 * s1;
  normal[8] += s1 * s2;
  normal[9] += s1 * s3;
  normal[10] += s1 * s4;
  normal[11] += s1;
  normal[14] += s2 * s2;
  normal[15] += s2 * s3;
  normal[16] += s2 * s4;
  normal[17] += s2;
  normal[21] += s3 * s3;
  normal[22] += s3 * s4;
  normal[23] += s3;
  normal[28] += s4 * s4;
  normal[29] += s4;
  normal[35] += 1;
  right[0] += s0 * residual;
  right[1] += s1 * residual;
  right[2] += s2 * residual;
  right[3] += s3 * residual;
  right[4] += s4 * residual;
  right[5] += residual;
}

/** Solves the symmetric system whose upper half is given, into `right`; false where it has no one solution. */
function solve(normal: Float64Array, right: Float64Array): boolean {
  const n = UNKNOWNS;
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) normal[a * n + b] = normal[b * n + a];
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++)
      if (Math.abs(normal[r * n + i]) > Math.abs(normal[pivot * n + i])) pivot = r;
    if (Math.abs(normal[pivot * n + i]) < 1e-12) return false;
    if (pivot !== i) {
      for (let k = 0; k < n; k++)
        [normal[i * n + k], normal[pivot * n + k]] = [normal[pivot * n + k], normal[i * n + k]];
      [right[i], right[pivot]] = [right[pivot], right[i]];
    }
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = normal[r * n + i] / normal[i * n + i];
      for (let k = i; k < n; k++) normal[r * n + k] -= factor * normal[i * n + k];
      right[r] -= factor * right[i];
    }
  }
  for (let i = 0; i < n; i++) right[i] /= normal[i * n + i];
  return right.every(Number.isFinite);
}
