/** A label beside its dot; all in pixels, y downwards. */
export interface PlacedLabel {
  /** From the dot to where the text is anchored. */
  readonly dx: number;
  readonly dy: number;
  readonly textAnchor: "start" | "middle" | "end";
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  /** Ends of its error bars, one across and one up. */
  readonly bars: Box;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Directions from the dot in order of preference: beside, above and below, then the corners. */
const directions = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
] as const;

/** Distances from the dot, nearest first. */
const distances = [8, 15, 24, 34];

/**
 * A place beside each dot for its label, where it covers the least of other labels, dots, error bars and the frame's edge.
 * Greedy, in the order given: good for a few dozen labels, best for none.
 */
export function placeLabels(dots: readonly Dot[], frame: Box, fontSize: number): PlacedLabel[] {
  const obstacles = dots.flatMap(({ x, y, bars }) => [
    { left: x - 5, top: y - 5, right: x + 5, bottom: y + 5 },
    { left: bars.left, top: y - 1, right: bars.right, bottom: y + 1 },
    { left: x - 1, top: bars.top, right: x + 1, bottom: bars.bottom },
  ]);
  return dots.map((dot) => {
    const candidates = distances.flatMap((distance, d) =>
      directions.map(([right, down], rank) => {
        const label = {
          dx: right * distance * (down === 0 ? 1 : 0.7),
          dy: down * distance * (right === 0 ? 1.5 : 1),
          textAnchor: right === 0 ? "middle" : right > 0 ? "start" : "end",
        } as const;
        const box = labelBox(dot, label, fontSize);
        const covered = obstacles.reduce((sum, other) => sum + overlap(box, other), 0);
        const outside = area(box) - overlap(box, frame);
        // The small last term prefers near and beside to far, where nothing is covered.
        return { label, box, cost: covered + 4 * outside + 2 * d + 0.1 * rank };
      }),
    );
    const best = candidates.reduce((a, b) => (b.cost < a.cost ? b : a));
    obstacles.push(best.box);
    return best.label;
  });
}

/** The label's extent, by the mean width of a sans-serif letter. */
function labelBox(dot: Dot, { dx, dy, textAnchor }: PlacedLabel, fontSize: number): Box {
  const width = 0.62 * fontSize * dot.label.length;
  const shift = { start: 0, middle: 0.5, end: 1 }[textAnchor];
  const left = dot.x + dx - shift * width;
  const middle = dot.y + dy;
  return { left, right: left + width, top: middle - fontSize / 2, bottom: middle + fontSize / 2 };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

const area = ({ left, right, top, bottom }: Box): number => (right - left) * (bottom - top);
