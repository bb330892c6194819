import { visible } from "../text/index.ts";
import { methodLabel, percent } from "./format.ts";
import { loadPlot } from "./plot.ts";
import type { MethodResult } from "./record.ts";

export interface AccuracyChartOptions {
  /** What the horizontal axis shows, e.g. `rotation (degrees, counter-clockwise)`. */
  readonly axisLabel: string;
}

/** Eight hues told apart in most forms of colour blindness; a page may set its own, e.g. for a dark background. */
const hues = ["#3b6fd4", "#d9660a", "#178a5b", "#b0307d", "#8a6d00", "#6f4fc4", "#0b8295", "#c43d3d"];

/** The n-th series' colour: the CSS variable `--series-1` … `--series-8` where there is one. */
export const seriesColor = (n: number): string =>
  `var(--series-${(n % hues.length) + 1}, ${hues[n % hues.length]})`;

const size = { width: 720, height: 340, top: 28, bottom: 44, left: 48 };

/**
 * Accuracy under each member of the family, a line per method, as the text of a static SVG without script.
 * The horizontal axis is to scale when every member has one number (as angles do), otherwise it lists names.
 *
 * @param given  at least one, no two with the same `methodLabel`
 */
export async function accuracyChart(
  given: readonly MethodResult[],
  options: AccuracyChartOptions,
): Promise<string> {
  const results = given.map((result) => ({
    ...result,
    members: result.members.map((member) => ({ ...member, name: visible(member.name) })),
  }));
  const axisLabel = visible(options.axisLabel);
  const members = results[0].members;
  const isNumeric = members.every(({ parameter }) => parameter !== undefined);
  const ticks = members.map(({ name, parameter }) => (isNumeric ? parameter! : name));
  const labels = results.map((result) => visible(methodLabel(result)));
  const points = results.flatMap((result, series) =>
    result.members.map(({ name, accuracy, parameter }) => ({
      x: isNumeric ? parameter! : name,
      accuracy: 100 * accuracy,
      method: labels[series],
      title: `${labels[series]}, ${name}: ${percent(accuracy)} %`,
    })),
  );
  const floor = Math.min(90, Math.floor(Math.min(...points.map(({ accuracy }) => accuracy)) / 10) * 10);
  const marginRight = 24 + 7 * Math.max(...labels.map((label) => label.length));
  const ends = labelPositions(points, labels, floor);

  const { Plot, document } = await loadPlot();
  const svg = Plot.plot({
    document,
    width: size.width,
    height: size.height,
    marginTop: size.top,
    marginBottom: size.bottom,
    marginLeft: size.left,
    marginRight,
    style: { fontSize: "12px" },
    ariaLabel: `Accuracy by transform: ${axisLabel}`,
    ariaDescription: points.map(({ title }) => title).join("; "),
    x: isNumeric
      ? {
          type: "linear",
          ticks: ticks as number[],
          label: axisLabel,
          labelAnchor: "center",
          labelArrow: "none",
        }
      : { type: "point", domain: ticks, label: axisLabel, labelAnchor: "center", labelArrow: "none" },
    y: { domain: [floor, 100], grid: true, ticks: 6, label: "accuracy (%)", labelArrow: "none", tickSize: 0 },
    color: { type: "ordinal", domain: labels, range: labels.map((_, series) => seriesColor(series)) },
    symbol: { domain: labels },
    marks: [
      Plot.lineY(points, { x: "x", y: "accuracy", stroke: "method", strokeWidth: 2 }),
      Plot.dot(points, {
        x: "x",
        y: "accuracy",
        fill: "method",
        stroke: "method",
        symbol: "method",
        r: 3.5,
        title: "title",
      }),
      Plot.text(ends, {
        x: "x",
        y: "y",
        text: "method",
        fill: "method",
        textAnchor: "start",
        dx: 10,
        fontWeight: 600,
      }),
    ],
  }) as SvgElement;
  svg.setAttribute("role", "img");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML;
}

/** As much as is needed here of the DOM, for which this project, made for Node, has no types. */
interface SvgElement {
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
}

interface Point {
  readonly x: number | string;
  readonly accuracy: number;
  readonly method: string;
}

/** Where each line's name goes: beside its last point, pushed apart until none overlap. */
function labelPositions(
  points: readonly Point[],
  labels: readonly string[],
  floor: number,
): { x: number | string; y: number; method: string }[] {
  const lineHeight = (16 / (size.height - size.top - size.bottom)) * (100 - floor);
  const ends = labels
    .map((method) => {
      const own = points.filter((point) => point.method === method);
      const end = own.reduce((last, point) => (Number(point.x) < Number(last.x) ? last : point));
      return { x: end.x, y: end.accuracy, method };
    })
    .sort((a, b) => a.y - b.y);
  // Upwards from the lowest, then back down from the top edge if the stack has grown past it.
  ends.forEach((end, i) => {
    if (i > 0) end.y = Math.max(end.y, ends[i - 1].y + lineHeight);
  });
  for (let i = ends.length - 1; i >= 0; i--) {
    ends[i].y = Math.min(ends[i].y, i === ends.length - 1 ? 100 : ends[i + 1].y - lineHeight);
  }
  return ends;
}
