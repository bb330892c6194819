import { expect, test } from "vitest";
import { placeLabels } from "./place-labels.ts";

const frame = { left: 0, top: 0, right: 400, bottom: 300 };
const dot = (x: number, y: number, label = "RWA S") => ({
  x,
  y,
  label,
  bars: { left: x, right: x, top: y, bottom: y },
});

test("a lone label stands to the right of its dot, in its middle", () => {
  expect(placeLabels([dot(100, 100)], frame, 11)).toEqual([{ dx: 8, dy: 0, textAnchor: "start" }]);
});

test("at the right edge it stands to the left", () => {
  expect(placeLabels([dot(395, 100)], frame, 11)[0].textAnchor).toBe("end");
});

test("it leaves the error bars of its own dot free", () => {
  const wide = { ...dot(100, 100), bars: { left: 60, right: 140, top: 100, bottom: 100 } };
  expect(Math.abs(placeLabels([wide], frame, 11)[0].dy)).toBeGreaterThan(5.5);
});

test("fifteen dots in a crowd have labels that do not overlap", () => {
  const dots = Array.from({ length: 15 }, (_, i) => dot(120 + 40 * (i % 4), 100 + 20 * Math.floor(i / 4)));
  const boxes = placeLabels(dots, frame, 11).map(({ dx, dy, textAnchor }, i) => {
    const width = 0.62 * 11 * 5;
    const left = dots[i].x + dx - { start: 0, middle: 0.5, end: 1 }[textAnchor] * width;
    return { left, right: left + width, top: dots[i].y + dy - 5.5, bottom: dots[i].y + dy + 5.5 };
  });
  const overlapping = boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom),
  );
  expect(overlapping).toEqual([]);
});
