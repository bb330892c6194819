import { describe, expect, test } from "vitest";
import { random } from "../../tensor/index.ts";
import { compose } from "../compose.ts";
import { familyFromSpec, specName, specOf } from "../family-spec.ts";
import { parseSpec } from "../parse-spec.ts";
import { rotation } from "../rotation.ts";
import { union } from "../union.ts";
import { affine } from "./affine.ts";
import { memberNamed, membersAndEnds } from "./member-named.ts";
import { checkPoints, drawnPoint, gridPoints, hardestFirst, randomPoints } from "./points.ts";
import { ranged, rangedNames } from "./ranged.ts";
import { withSample } from "./ranged-family.ts";

describe("a specification", () => {
  test.each([
    ["rotation:-30..30", { range: [-30, 30] }],
    ["rotation: -30..30 , reflect, draws=5", { draws: 5, fill: "reflect", range: [-30, 30] }],
    ["brightness:.5..1.5", { range: [0.5, 1.5] }],
    ["scale:0.9..1.1e0", { range: [0.9, 1.1] }],
    ["affine:rotation=-30..30,x=-3..3,y=-3..3", { rotation: [-30, 30], x: [-3, 3], y: [-3, 3] }],
  ])("%s", (text, options) => {
    expect(parseSpec(text)).toMatchObject({ options });
    const { members, ranges, spec } = familyFromSpec(text);
    expect(members).toHaveLength(((options as { draws?: number }).draws ?? 10) + 1);
    expect(ranges?.draws).toBe((options as { draws?: number }).draws ?? 10);
    // What a file keeps makes the same again.
    expect(specOf(familyFromSpec(spec!))).toEqual(spec);
    expect(familyFromSpec(spec!).members.map(({ name }) => name)).toEqual(members.map(({ name }) => name));
  });

  test("as a record", () => {
    const text = familyFromSpec("rotation:-30..30,draws=4");
    const record = familyFromSpec({ rotation: { range: [-30, 30], draws: 4 } });
    expect(record.spec).toEqual(text.spec);
    expect(specName({ rotation: { range: [-30, 30] } })).toBe("rotation-range=-30,30");
  });

  test.each([
    ["rotation:30..-30", /lower one first/],
    ["rotation:..30", /is no range. Write low..high/],
    ["rotation:5..", /is no range/],
    ["rotation:a..b", /is no range/],
    ["rotation:-30..30,5", /"5" in .* is no range/],
    ["rotation:-30..30,-20..20", /is no range/],
    ["translate:0.1..0.2", /has no range. Ranges have: affine, .*affine:x=-3..3/],
    ["affine:q=1..2", /no option "q"/],
    ["contrast:-1..1", /has 0 in it/],
    ["hue:-1..0.5", /Cannot shift the hue by -1/],
    ["rotation:-30..30+contrast", /A union has fixed members/],
    ["contrast/rotation:-30..30", /A composition has fixed members/],
  ])("%s is refused", (text, message) => {
    expect(() => familyFromSpec(text)).toThrow(message);
  });
});

test("families with ranges join no others", () => {
  expect(() => union(rotation(), affine())).toThrow(/"affine" draws them from a range \(rotation, x, y\)/);
  expect(() => compose(ranged("hue", { range: [-0.1, 0.1] }), rotation())).toThrow(/fixed members/);
});

test("every family with one number has a range, and what lies in it are its members", () => {
  for (const name of rangedNames) {
    const range: [number, number] = name === "hue" ? [-0.2, 0.3] : [0.25, 0.75];
    const family = ranged(name, { range, draws: 3 });
    expect(family.members, name).toHaveLength(4);
    const shape = [1, 3, 5, 6] as const;
    const images = { data: Float32Array.from({ length: 90 }, (_, i) => (i % 11) / 11), shape };
    const member = family.ranges.at([0.5]);
    const finite = familyFromSpec(`${name}:0.5`).members[1];
    expect(member.apply(images), name).toEqual(finite.apply(images));
    expect(memberNamed(family, member.name)?.apply(images), name).toEqual(finite.apply(images));
  }
  expect(() => ranged("translate" as never, { range: [0, 1] })).toThrow(/has no range/);
  expect(() => ranged("rotation", {} as never)).toThrow(/The range of rotation is missing/);
  expect(() => ranged("rotation", { range: [0, 1], degrees: [5] })).toThrow(/no option "degrees"/);
});

test("the value that changes nothing is the identity, whole turns too", () => {
  const images = { data: Float32Array.from([0.1, 0.2, 0.3, 0.4]), shape: [1, 1, 2, 2] as const };
  for (const value of [0, 360]) {
    expect(
      ranged("rotation", { range: [-400, 400] })
        .ranges.at([value])
        .apply(images),
    ).toEqual(images.data);
  }
  expect(
    ranged("scale", { range: [0.5, 2] })
      .ranges.at([1])
      .apply(images),
  ).toEqual(images.data);
});

test("a sample is fixed, within the ranges, and has no member twice", () => {
  const family = affine({ rotation: [-30, 30], x: [0, 1], draws: 200 });
  const names = family.members.map(({ name }) => name);
  expect(new Set(names).size).toBe(201);
  for (const { parameters } of family.members.slice(1)) {
    expect(Math.abs(parameters.rotation)).toBeLessThanOrEqual(30);
    expect(parameters.x).toBeGreaterThanOrEqual(0);
    expect(parameters.x).toBeLessThanOrEqual(1);
  }
  expect(withSample(family, 200, 0).members.map(({ name }) => name)).toEqual(names);
  expect(withSample(family, 5, 1).members.map(({ name }) => name)).not.toEqual(names.slice(0, 6));
  // 10,000 values of a range rounded to a 100,000th.
  expect(ranged("rotation", { range: [0, 1], draws: 2000 }).members).toHaveLength(2001);
});

test("draws fill the ranges evenly", () => {
  const { ranges } = affine();
  const rng = random(1, "test");
  const angles = Array.from({ length: 6000 }, () => drawnPoint(ranges, rng)[0]);
  const counts = Array.from(
    { length: 6 },
    (_, i) => angles.filter((a) => Math.floor((a + 30) / 10) === i).length,
  );
  // 1,000 each, standard deviation 29
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
});

describe("points", () => {
  const { ranges } = affine();

  test("the usual grid is the literature's, both ends and the identity included", () => {
    const grid = gridPoints(ranges);
    expect(grid).toHaveLength(31 * 5 * 5);
    expect([...new Set(grid.map(([angle]) => angle))]).toEqual(
      Array.from({ length: 31 }, (_, i) => -30 + 2 * i),
    );
    expect([...new Set(grid.map(([, x]) => x))]).toEqual([-3, -1.5, 0, 1.5, 3]);
    expect(grid).toContainEqual([0, 0, 0]);
    expect(gridPoints(ranged("rotation", { range: [-30, 30] }).ranges)).toHaveLength(31);
    expect(gridPoints(ranges, [2, 1, 1])).toEqual([
      [-30, 0, 0],
      [30, 0, 0],
    ]);
  });

  test("a grid of other counts than there are parameters is refused, and a huge one", () => {
    expect(() => gridPoints(ranges, [5, 5])).toThrow(/rotation, x, y. Give 3 whole numbers/);
    expect(() => gridPoints(ranges, [5, 5, 0.5])).toThrow(/whole numbers/);
    expect(() => gridPoints(ranges, [1e6, 1e6, 1e6])).toThrow(/are allowed/);
  });

  test("corners come first, the identity last", () => {
    const order = hardestFirst(ranges, gridPoints(ranges));
    expect(order.slice(0, 8).every((point) => point.map(Math.abs).join() === "30,3,3")).toBe(true);
    expect(order.at(-1)).toEqual([0, 0, 0]);
    expect([...order].sort().join(";")).toBe([...gridPoints(ranges)].sort().join(";"));
    const zoom = affine({ scale: [0.5, 1.25] }).ranges;
    expect(hardestFirst(zoom, [[1.25], [1], [0.5]])).toEqual([[0.5], [1.25], [1]]);
  });

  test("drawn ones follow from the seed", () => {
    expect(randomPoints(ranges, 20, 3)).toEqual(randomPoints(ranges, 20, 3));
    expect(randomPoints(ranges, 20, 4)).not.toEqual(randomPoints(ranges, 20, 3));
    expect(() => randomPoints(ranges, 1e9, 0)).toThrow(/are allowed/);
  });

  test("given ones are checked", () => {
    expect(() =>
      checkPoints(ranges, [
        [1, 2, 3],
        [1, 2],
      ]),
    ).toThrow(/Point 1 is .*rotation, x, y/);
    expect(() => checkPoints(ranges, [[1, 2, NaN]])).toThrow(/finite/);
    expect(() => checkPoints(ranges, [])).toThrow(/no points/);
  });
});

test("members are found by their names, and the ends are among those whose meaning is doubted", () => {
  const family = affine();
  const member = family.ranges.at([-12.5, 1e-5, 3]);
  expect(memberNamed(family, member.name)?.parameters).toEqual(member.parameters);
  expect(memberNamed(family, "identity")).toBe(family.members[0]);
  expect(memberNamed(family, "nonsense")).toBeUndefined();
  expect(membersAndEnds(family).at(-1)?.parameters).toEqual({ rotation: 30, x: 3, y: 3 });
});
