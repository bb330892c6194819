import { describe, expect, test } from "vitest";
import { random } from "../../tensor/index.ts";
import { compose } from "../compose.ts";
import { type FamilyMaker, defineFamily } from "../define-family.ts";
import { families } from "../families.ts";
import { familyFromSpec, specName, specOf } from "../family-spec.ts";
import { parseSpec } from "../parse-spec.ts";
import type { Transform } from "../family.ts";
import { perspective } from "../perspective.ts";
import { rotation } from "../rotation.ts";
import { union } from "../union.ts";
import { affine } from "./affine.ts";
import { memberNamed, membersAndEnds } from "./member-named.ts";
import { checkPoints, drawnPoint, gridPoints, hardestFirst, randomPoints } from "./points.ts";
import { type RangedName, ranged, rangedNames } from "./ranged.ts";
import { withSample } from "./ranged-family.ts";

describe("a specification", () => {
  test.each([
    ["rotation:-30..30", { range: [-30, 30] }],
    ["rotation: -30..30 , reflect, draws=5", { draws: 5, fill: "reflect", range: [-30, 30] }],
    ["brightness:.5..1.5", { range: [0.5, 1.5] }],
    ["scale:0.9..1.1e0", { range: [0.9, 1.1] }],
    ["perspective:0..0.5,side=left", { range: [0, 0.5], side: "left" }],
    [
      "perspective:0.1..0.5,bottom,edge,draws=3",
      { range: [0.1, 0.5], side: "bottom", fill: "edge", draws: 3 },
    ],
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

/** A range of each, and in it a value whose member the list makes, too; 0.25 to 0.75 and 0.5 where nothing is said. */
const inRanges: Partial<Record<RangedName, { range: [number, number]; value: number; more?: object }>> = {
  hue: { range: [-0.2, 0.3], value: 0.5 / 4 },
  "white-balance": { range: [3000, 9000], value: 4000 },
  jpeg: { range: [10, 80], value: 42 },
  "motion-blur": { range: [3, 9], value: 5, more: { degrees: [45] } },
  occlusion: { range: [0.2, 0.5], value: 0.25, more: { patches: 1 } },
  perspective: { range: [0, 1], value: 0.5, more: { side: "top" } },
};

test("every family with one number has a range, and what lies in it are its members", () => {
  for (const name of rangedNames) {
    const { range, value, more } = inRanges[name] ?? { range: [0.25, 0.75] as [number, number], value: 0.5 };
    const family = ranged(name, { range, draws: 3, ...more });
    expect(family.members, name).toHaveLength(4);
    const shape = [1, 3, 5, 6] as const;
    const images = { data: Float32Array.from({ length: 90 }, (_, i) => (i % 11) / 11), shape };
    const member = family.ranges.at([value]);
    const finite = familyFromSpec({ [name]: { [families[name].range!.of]: [value], ...more } }).members[1];
    expect(member.apply(images), name).toEqual(finite.apply(images));
    expect(memberNamed(family, member.name)?.apply(images), name).toEqual(finite.apply(images));
    expect(specOf(family), name).toEqual(family.spec);
  }
  expect(() => ranged("translate" as never, { range: [0, 1] })).toThrow(/has no range/);
  expect(() => ranged("rotation", {} as never)).toThrow(/The range of rotation is missing/);
  expect(() => ranged("rotation", { range: [0, 1], degrees: [5] })).toThrow(/no option "degrees"/);
});

describe("a range of perspective", () => {
  const images = {
    data: Float32Array.from({ length: 28 * 20 }, (_, i) => (i % 23) / 23),
    shape: [1, 1, 28, 20] as const,
  };
  const view = (member: Transform) => member.apply(images);
  const sides = ["left", "right", "top", "bottom"] as const;

  test.each(sides)("of the %s side: each point is the list's member, corners in whole pixels", (side) => {
    for (const options of [{}, { fill: "reflect", interpolation: "bicubic" }] as const) {
      const { ranges } = ranged("perspective", { range: [0, 0.5], side, ...options });
      const seen = new Set<string>();
      for (const [share] of gridPoints(ranges)) {
        const member = ranges.at([share]);
        seen.add(view(member).join());
        if (share === 0) {
          expect(view(member)).toEqual(images.data);
          continue;
        }
        const all = perspective({ distortions: [share], ...options }).members.slice(1);
        const listed = all[sides.indexOf(side)];
        expect(member).toMatchObject({ name: listed.name, parameters: listed.parameters });
        expect(view(member)).toEqual(view(listed));
      }
      // The identity, and corners that go 1 … 7 of 28 pixels, or 1 … 5 of 20.
      expect(seen.size).toBe(1 + (side === "left" || side === "right" ? 7 : 5));
    }
  });

  test("is the same as text, as a record and in code", () => {
    const text = familyFromSpec("perspective:0..0.5,side=left,draws=4");
    expect(familyFromSpec("perspective:0..0.5,left,draws=4").spec).toEqual(text.spec);
    const options = { range: [0, 0.5], side: "left", draws: 4 } as const;
    for (const same of [
      familyFromSpec({ perspective: options }),
      ranged("perspective", options),
      perspective(options),
    ]) {
      expect(same.spec).toEqual(text.spec);
      expect(same.members.map(({ name }) => name)).toEqual(text.members.map(({ name }) => name));
    }
    expect(text.members).toHaveLength(5);
    expect(
      text.members.every(({ name }) => name === "identity" || name.startsWith("perspective left ")),
    ).toBe(true);
  });

  test("a side alone has one member for each number of a list", () => {
    const names = (spec: string) => familyFromSpec(spec).members.map(({ name }) => name);
    expect(names("perspective:0.3,0.5,side=top")).toEqual([
      "identity",
      "perspective top 0.3",
      "perspective top 0.5",
    ]);
    expect(names("perspective:0.3,all")).toEqual(names("perspective:0.3"));
    expect(names("perspective:0.3")).toHaveLength(5);
  });

  test.each([
    ["perspective:0..0.5", /0.5 makes 4. Fix its other options, .* as in perspective:0..0.5,side=left/],
    ["perspective:0..0.5,side=all", /makes 4.*side=left/],
    ["perspective:0..0.5,side=up", /"side" of the family "perspective" must be .*"bottom".*; it is "up"/],
    ["perspective:0..1.5,side=left", /Cannot tilt by a distortion of 1.5/],
    ["perspective:-0.5..0.5,side=left", /Cannot tilt by a distortion of -0.5/],
    ["perspective:0..0.5,sides=left", /no option "sides"/],
  ])("%s is refused", (text, message) => {
    expect(() => familyFromSpec(text)).toThrow(message);
  });

  test("code is told what a side is", () => {
    expect(() => ranged("perspective", { range: [0, 0.5], side: "up" })).toThrow(
      /Unknown side "up". Choose one of: all, left, right, top, bottom/,
    );
    expect(() => ranged("perspective", { range: [0, 0.5] })).toThrow(/side=left/);
  });
});

test("a word is the option that has it among its choices", () => {
  const { spec } = familyFromSpec("occlusion:0.1..0.5,patches=1,mean");
  expect(spec).toMatchObject({ occlusion: { shade: "mean" } });
});

test("all families that say they can have a range are named in rangedNames of ranged.ts", () => {
  const able = Object.entries(families).filter(([, make]) => (make as FamilyMaker).range !== undefined);
  expect(able.map(([name]) => name).sort()).toEqual([...rangedNames].sort());
});

describe("numbers in steps", () => {
  test("are drawn, and on a grid, each once", () => {
    const { ranges, members } = ranged("jpeg", { range: [10, 15], draws: 20 });
    const rng = random(1, "test");
    const drawn = Array.from({ length: 600 }, () => drawnPoint(ranges, rng)[0]);
    for (const value of [10, 11, 12, 13, 14, 15]) {
      // 100 each, standard deviation 9
      expect(Math.abs(drawn.filter((each) => each === value).length - 100)).toBeLessThan(40);
    }
    expect(gridPoints(ranges)).toEqual([[10], [11], [12], [13], [14], [15]]);
    expect(gridPoints(ranges, [3])).toEqual([[10], [13], [15]]);
    expect(gridPoints(ranges, [1])).toEqual([[13]]);
    // There are no 20 to sample.
    expect(members.slice(1).map(({ parameters }) => parameters.quality)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(hardestFirst(ranges, gridPoints(ranges))[0]).toEqual([10]);
    const lengths = ranged("motion-blur", { range: [3, 21], degrees: 45 }).ranges;
    expect(gridPoints(lengths).map(([length]) => length)).toEqual([3, 5, 7, 9, 11, 13, 15, 17, 19, 21]);
  });

  test.each([
    ["jpeg:10..20.5", /steps of 1. Give ends among them, as 10 and 20/],
    ["motion-blur:4..9,degrees=45", /steps of 2. Give ends among them, as 5 and 9/],
    ["motion-blur:3..9", /one member for each of its numbers, and 3 makes 4/],
    ["occlusion:0.1..0.5", /0.1 makes 9. Fix its other options, .* as in occlusion:0.1..0.5,patches=1/],
    ["jpeg:0..50", /no JPEG quality 0/],
  ])("%s is refused", (text, message) => {
    expect(() => familyFromSpec(text)).toThrow(message);
  });
});

describe("a family of one's own", () => {
  const dim = defineFamily({
    name: "dim",
    options: { shares: [0.5], base: 0 },
    members: ({ shares, base }) =>
      Object.fromEntries(
        shares.map((share) => [`dim ${share}`, ({ data }) => data.map((v) => base + share * (v - base))]),
      ),
    mayChangeMeaning: () => ["light and dark"],
    range: { of: "shares", neutral: 1 },
  });
  const images = { data: Float32Array.of(0.2, 0.8), shape: [1, 1, 1, 2] as const };

  test("has a range where it says so", () => {
    const family = dim({ range: [0.25, 1], draws: 5, base: 0.5 });
    expect(family.members).toHaveLength(6);
    expect(family.ranges!.parameters).toEqual([
      { name: "dim", low: 0.25, high: 1, neutral: 1, gridValues: 31 },
    ]);
    const half = family.ranges!.at([0.5]);
    expect(half.apply(images)).toEqual(dim({ base: 0.5 }).members[1].apply(images));
    expect(half.mayChangeMeaning).toEqual(["light and dark"]);
    expect(family.ranges!.at([1]).apply(images)).toEqual(images.data);
    expect(dim().ranges).toBeUndefined();
    expect(dim.options).toHaveProperty("range");
  });

  test("is refused what says two things, or nothing", () => {
    expect(() => dim({ range: [0.2, 0.5], shares: [0.5] })).toThrow(
      /no option "shares": the range is in its place/,
    );
    expect(() => dim({ draws: 5 })).toThrow(/draws is of a range, and dim has none here/);
    expect(() => dim({ range: [0.5, 0.2] })).toThrow(/lower one first/);
    expect(() => dim({ range: [0.2, 0.5], sahres: 1 } as never)).toThrow(/no option "sahres"/);
    const without = defineFamily({ name: "plain", options: { shares: [1] }, members: () => ({}) });
    expect(() => without({ range: [0, 1] } as never)).toThrow(/no option "range"/);
  });

  test.each([
    { of: "base", neutral: 0 },
    { of: "nothing", neutral: 0 },
    { of: "shares", neutral: NaN },
    { of: "shares", neutral: 0, step: 0 },
    { of: "shares", neutral: 0, step: -1 },
    "shares",
  ])("is refused the declaration %o", (range) => {
    const options = { shares: [0.5], base: 0 };
    expect(() => defineFamily({ name: "dim", options, members: () => ({}), range: range as never })).toThrow(
      /neutral/,
    );
  });
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
