import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ImageBatch, sizeOf } from "../../tensor/index.ts";
import { familyFromSpec } from "../family-spec.ts";
import { type CorruptionName, cifarCorruptions, corruptionNames, corruptions } from "./index.ts";

interface Fixture {
  readonly shape: readonly [number, number, number];
  readonly image: string;
  /** By severity, bytes rounded down. */
  readonly exact: Readonly<Record<string, readonly string[]>>;
  /** By severity: mean, spread, mean change, spread over draws, mean difference of neighbours. */
  readonly drawn: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Made by tools/fixtures/corruptions.py with imagecorruptions. */
const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../test/fixtures/corruptions.json"), "utf8"),
) as Fixture;
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
const { shape } = fixture;
const photograph: ImageBatch = {
  data: Float32Array.from(bytesOf(fixture.image), (byte) => byte / 255),
  shape: [1, ...shape],
};
const member = (name: string, severity: number, seed = 0) =>
  corruptions({ names: [name as CorruptionName], severities: [severity], seed }).members[1];
const severities = [1, 2, 3, 4, 5];

describe.each(Object.entries(fixture.exact))("%s draws nothing", (name, wanted) => {
  test.each(severities)("and is imagecorruptions', at severity %i", (severity) => {
    const made = member(name, severity).apply(photograph);
    const apart = Float64Array.from(bytesOf(wanted[severity - 1]), (byte, i) => 255 * made[i] - byte);
    if (name === "jpeg_compression") expect(apart.every((d) => Math.abs(d) < 0.01)).toBe(true);
    expect(Math.min(...apart)).toBeGreaterThan(-0.01);
    expect(Math.max(...apart)).toBeLessThan(1.01);
  });
});

describe.each(Object.entries(fixture.drawn))("%s draws", (name, wanted) => {
  test.each(severities)("what imagecorruptions draws on average, at severity %i", (severity) => {
    // Drops are few at first, and none at all are left out there.
    const draws = name === "spatter" ? 100 : 40;
    const views = Array.from({ length: draws }, (_, seed) =>
      member(name, severity, seed).apply(photograph),
    ).filter((view) => view.some((value, i) => value !== photograph.data[i]));
    averages(views.map((view) => view.map((value) => Math.floor(255 * value) / 255))).forEach((found, i) => {
      const expected = wanted[severity - 1][i];
      expect(Math.abs(found - expected), `average ${i}: ${found}, expected ${expected}`).toBeLessThan(
        0.01 + 0.06 * expected,
      );
    });
  });
});

function averages(views: readonly Float32Array[]): number[] {
  const [, , width] = shape;
  const mean = (values: ArrayLike<number>) =>
    Array.prototype.reduce.call(values, (sum, x) => (sum as number) + (x as number), 0) as number;
  const size = sizeOf(shape);
  const count = views.length * size;
  const all = views.reduce((sum, view) => sum + mean(view), 0) / count;
  const spread = Math.sqrt(
    views.reduce((sum, view) => sum + mean(view.map((x) => (x - all) ** 2)), 0) / count,
  );
  const change =
    views.reduce((sum, view) => sum + mean(view.map((x, i) => Math.abs(x - photograph.data[i]))), 0) / count;
  let [variance, steps, pairs] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    const values = Float64Array.from(views, (view) => view[i]);
    const own = mean(values) / values.length;
    variance += mean(values.map((x) => (x - own) ** 2)) / (values.length - 1);
    if (i % width === width - 1) continue;
    for (const view of views) steps += Math.abs(view[i + 1] - view[i]);
    pairs += views.length;
  }
  return [all, spread, change, Math.sqrt(variance / size), steps / pairs];
}

describe("frost is made", () => {
  test.each([32, 224])("as photographs of it are: pale, uneven, with detail; %i pixels", (side) => {
    const black: ImageBatch = { data: new Float32Array(3 * side * side), shape: [1, 3, side, side] };
    const views = Array.from({ length: 12 }, (_, seed) => member("frost", 5, seed).apply(black));
    // At severity 5 three quarters of the ice are seen, and nothing else.
    const ice = views.map((view) => view.map((value) => value / 0.75));
    const all = ice.flatMap((view) => Array.from(view));
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    const spread = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
    expect(mean).toBeGreaterThan(0.5);
    expect(mean).toBeLessThan(0.75);
    expect(spread).toBeGreaterThan(0.09);
    expect(spread).toBeLessThan(0.2);
  });
});

describe("the sets", () => {
  test("have the benchmark's fifteen at five severities, four more by name", () => {
    expect(corruptions().members).toHaveLength(1 + 75);
    expect(corruptionNames).toHaveLength(19);
    const { members, name } = cifarCorruptions({ names: ["saturate", "fog"], severities: [2, 5] });
    expect(name).toBe("corruptions-cifar");
    expect(members.map((each) => each.name)).toEqual([
      "identity",
      "saturate severity 2",
      "saturate severity 5",
      "fog severity 2",
      "fog severity 5",
    ]);
  });

  test.each<[string, number]>([
    ["corruptions/fog:3", 2],
    ["corruptions/contrast", 6],
    ["corruptions:1,5", 31],
    ["corruptions-cifar/snow:5+blur:1", 3],
    ["rotation:15/corruptions/fog:1", 2],
  ])("are named in text: %s", (spec, members) => {
    expect(familyFromSpec(spec).members).toHaveLength(members);
  });

  test("refuse what they have not", () => {
    expect(() => familyFromSpec("corruptions/rain:3")).toThrow(/list of: gaussian_noise, .*it is \["rain"\]/);
    expect(() => familyFromSpec("corruptions/fog:6")).toThrow(/no severity 6 .*from 1 to 5/);
    const grey: ImageBatch = { data: new Float32Array(64), shape: [1, 1, 8, 8] };
    expect(() => member("saturate", 1).apply(grey)).toThrow(/3 channels/);
    const two: ImageBatch = { data: new Float32Array(128), shape: [1, 2, 8, 8] };
    expect(() => member("fog", 1).apply(two)).toThrow(/1 or 3 channels; these have 2/);
  });

  // Saturation goes down at first, and elastic maps slant less as they stretch more.
  test.each(corruptionNames.filter((name) => !["saturate", "elastic_transform"].includes(name)))(
    "of CIFAR-10 change little at first, and more at the end: %s",
    (name) => {
      const change = (make: typeof corruptions, severity: number) => {
        const views = [0, 1, 2, 3, 4, 5, 6, 7].map((seed) =>
          make({ names: [name], severities: [severity], seed }).members[1].apply(photograph),
        );
        const apart = views.map((view) =>
          view.reduce((sum, value, i) => sum + Math.abs(value - photograph.data[i]), 0),
        );
        return apart.reduce((sum, value) => sum + value, 0);
      };
      expect(change(cifarCorruptions, 1)).toBeLessThan(change(cifarCorruptions, 5));
      if (name !== "spatter") expect(change(cifarCorruptions, 1)).toBeLessThan(change(corruptions, 1));
    },
  );

  test("of CIFAR-10 give whole bytes", () => {
    for (const spoil of cifarCorruptions({ severities: [3] }).members.slice(1)) {
      const made = spoil.apply(photograph);
      expect(made.every((value) => Math.abs(255 * value - Math.round(255 * value)) < 1e-4)).toBe(true);
    }
  });

  test("take grey images of any size", () => {
    const names = corruptionNames.filter((name) => name !== "saturate");
    for (const make of [corruptions, cifarCorruptions]) {
      for (const [height, width] of [
        [28, 28],
        [1, 1],
        [3, 70],
      ]) {
        const data = Float32Array.from({ length: height * width }, (_, i) => (i % 7) / 7);
        for (const spoil of make({ names, severities: [1, 5] }).members) {
          const view = spoil.apply({ data, shape: [1, 1, height, width] });
          expect(view.every((value) => value >= 0 && value <= 1)).toBe(true);
        }
      }
    }
  });
});
