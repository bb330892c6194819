import { describe, expect, test } from "vitest";
import { UsageError } from "../tensor/index.ts";
import { compose } from "./compose.ts";
import { customFamily } from "./custom-family.ts";
import { families } from "./families.ts";
import { listOptionOf } from "./family-options.ts";
import { familyFromSpec, modulePaths, specName, specOf } from "./family-spec.ts";
import type { TransformFamily } from "./family.ts";
import { type FamilySpec, parseSpec } from "./parse-spec.ts";
import { rotation } from "./rotation.ts";
import { union } from "./union.ts";

const [a, b] = [rotation({ degrees: [15, 30] }), rotation({ degrees: [-15] })];

/** All but the functions: those are made anew each time. */
const described = ({ name, members }: TransformFamily) => ({
  name,
  members: members.map((member) => [member.name, member.parameters]),
});

describe("a family's specification", () => {
  test.each<[FamilySpec, TransformFamily]>([
    ["rotation", rotation()],
    [" rotation ", rotation()],
    ["rotation:15,30 + rotation:-15", union(a, b)],
    ["rotation:15,30", a],
    ["rotation: 15, 30", a],
    ["rotation:-15", b],
    ["rotation:1.5e1,30", a],
    ["rotation:15,30+rotation:-15", union(a, b)],
    ["rotation:15,30/rotation:-15", compose(a, b)],
    ["rotation:60+rotation:15,30/rotation:-15", union(rotation({ degrees: [60] }), compose(a, b))],
    [{ rotation: null }, rotation()],
    [{ rotation: {} }, rotation()],
    [{ rotation: [15, 30] }, a],
    [{ rotation: { degrees: [15, 30] } }, a],
    [{ union: ["rotation:15,30", { rotation: { degrees: [-15] } }] }, union(a, b)],
    [{ compose: ["rotation:15,30", "rotation:-15"] }, compose(a, b)],
    [{ compose: [{ union: ["rotation:15,30", "rotation:-15"] }, "rotation:-15"] }, compose(union(a, b), b)],
  ])("%j", (spec, expected) => {
    expect(described(familyFromSpec(spec))).toEqual(described(expected));
  });

  test.each<[unknown, ...string[]]>([
    ["spin", 'Unknown transform family "spin"', "rotation", "union"],
    ["toString", 'Unknown transform family "toString"'],
    ["", 'Unknown transform family ""'],
    ["rotation+", 'Unknown transform family ""'],
    ["rotation:", '"rotation:" needs numbers'],
    ["rotation:15,", "needs numbers after the colon"],
    ["rotation:fifteen", "as in rotation:15,30"],
    ["rotation:0", "Cannot rotate by 0°"],
    ["rotation:15+rotation:15", 'two members named "rotation 15°"'],
    [["rotation", "rotation"], '["rotation","rotation"] is no family'],
    [null, "null is no family"],
    [undefined, "undefined is no family"],
    [{}, "this one has: none"],
    [{ rotation: {}, union: [] }, "this one has: rotation, union"],
    [{ rotation: { angles: [15] } }, 'has no option "angles". Its options: degrees, fill, interpolation.'],
    [{ rotation: { degrees: 15 } }, '"degrees" of the family "rotation" must be a list of numbers; it is 15'],
    [{ noise: { seed: "7" } }, '"seed" of the family "noise" must be a number; it is "7"'],
    [{ rotation: { degrees: ["15"] } }, 'must be a list of numbers; it is ["15"]'],
    [{ rotation: 15 }, '"rotation" takes a record of options, not 15'],
    [{ union: "rotation" }, '"union" takes a list of two families or more, not "rotation"'],
    [{ compose: ["rotation"] }, '"compose" takes a list of two families or more'],
    ["./own.mjs", "./own.mjs are not loaded"],
  ])("%j is an error", (spec, ...tells) => {
    const build = () => familyFromSpec(spec as FamilySpec);
    expect(build).toThrow(UsageError);
    for (const part of tells) expect(build).toThrow(part);
  });
});

describe("words behind the colon", () => {
  test.each<[string, object]>([
    ["rotation:15,30,reflect", { degrees: [15, 30], fill: "reflect" }],
    ["rotation:edge", { fill: "edge" }],
    ["rotation:15,nearest,edge", { degrees: [15], interpolation: "nearest", fill: "edge" }],
    ["rotation:15,interpolation=nearest", { degrees: [15], interpolation: "nearest" }],
    ["rotation:degrees=15,30,fill=reflect", { degrees: [15, 30], fill: "reflect" }],
    ["noise:0.2,0.3,seed=7", { standardDeviations: [0.2, 0.3], seed: 7 }],
    ["occlusion: shade = mean, patches = 2", { shade: "mean", patches: 2 }],
    ["motion-blur:5,degrees=0,90", { lengths: [5], degrees: [0, 90] }],
    ["texture:10,exclusive", { radii: [10], edge: "exclusive" }],
    ["corruptions/fog:3,seed=4", { names: ["fog"], severities: [3], seed: 4 }],
    ["corruptions:names=fog,snow,severities=2", { names: ["fog", "snow"], severities: [2] }],
  ])("%s", (text, options) => {
    expect(parseSpec(text)).toMatchObject({ options });
    expect(Object.keys((parseSpec(text) as { options: object }).options)).toEqual(
      Object.keys(options).sort(),
    );
  });

  test("of a module are its options", () => {
    expect(parseSpec("rotation+./own.mjs:strengths=1,2,mode=soft,deep=true")).toEqual({
      union: [
        { family: "rotation", options: {} },
        { module: "./own.mjs", options: { strengths: [1, 2], mode: "soft", deep: true } },
      ],
    });
  });

  test.each<[string, ...string[]]>([
    [
      "rotation:15,nearst",
      "needs numbers",
      "Words that it takes: zero, edge, reflect",
      'Did you mean "nearest"?',
    ],
    ["rotation:fill=black", '"fill" of the family "rotation" must be one of', 'it is "black"'],
    ["rotation:angle=15", 'has no option "angle"'],
    ["rotation:fill=edge,reflect", 'gives "fill" twice'],
    ["rotation:15,seed=x", 'has no option "seed"'],
    ["noise:0.1,seed=x", '"seed" of the family "noise" must be a number; it is "x"'],
    ["./own.mjs:5", "takes no list of values"],
  ])("%s is an error", (text, ...tells) => {
    for (const part of tells) expect(() => parseSpec(text)).toThrow(part);
    expect(() => parseSpec(text)).toThrow(UsageError);
  });
});

describe("a module in a specification", () => {
  const own = (options: Readonly<Record<string, unknown>>) =>
    customFamily("own", { [`same ${JSON.stringify(options)}`]: ({ data }) => data });
  const modules = new Map([["./a/own.mjs", own]]);

  test.each<[FamilySpec, string[]]>([
    ["./a/own.mjs", ["identity", "same {}"]],
    [{ "./a/own.mjs": { strength: 2 } }, ["identity", 'same {"strength":2}']],
    ["rotation:15+./a/own.mjs", ["identity", "rotation 15°", "same {}"]],
    [{ compose: ["rotation:15", "./a/own.mjs"] }, ["identity", "rotation 15° then same {}"]],
  ])("%j", (spec, members) => {
    expect(modulePaths(spec)).toEqual(["./a/own.mjs"]);
    expect(familyFromSpec(spec, modules).members.map(({ name }) => name)).toEqual(members);
  });

  test("is named once, however often it is used", () => {
    expect(modulePaths({ union: ["a.js", { compose: ["b.ts", "a.js"] }, "rotation"] })).toEqual([
      "a.js",
      "b.ts",
    ]);
  });
});

describe("a family says by which specification it is made again", () => {
  test.each<FamilySpec>([
    ...Object.keys(families),
    "rotation:15,30,reflect",
    "contrast+blur:2/rotation:5",
    { compose: [{ union: ["noise", "hue"] }, { cutout: { shares: [0.5], seed: 7 } }] },
  ])("%j", (made) => {
    const first = familyFromSpec(made);
    const again = familyFromSpec(JSON.parse(JSON.stringify(first.spec)) as FamilySpec);
    expect(described(again)).toEqual(described(first));
    expect(specOf(again)).toEqual(first.spec);
  });

  test("but not with functions of a user's own", () => {
    const own = customFamily("own", { same: ({ data }) => data });
    expect(own.spec).toBeUndefined();
    expect(specOf(union(own, rotation()))).toBeUndefined();
  });

  test("nor where members were taken out by hand", () => {
    const whole = rotation();
    expect(specOf({ ...whole, members: whole.members.slice(0, 3) })).toBeUndefined();
  });
});

test("equal specifications have equal normal forms and names", () => {
  const specs = ["rotation:15,30", { rotation: [15, 30] }, { rotation: { degrees: [15, 30] } }];
  for (const spec of specs) {
    expect(parseSpec(spec)).toEqual({ family: "rotation", options: { degrees: [15, 30] } });
    expect(specName(spec)).toBe("rotation-degrees=15,30");
  }
  const [x, y] = [{ "own.js": { b: 1, a: 2 } }, { "own.js": { a: 2, b: 1 } }];
  expect(JSON.stringify(parseSpec(x))).toBe(JSON.stringify(parseSpec(y)));
});

test.each<[FamilySpec, string]>([
  ["rotation", "rotation"],
  ["rotation:-15/rotation+rotation:30", "rotation-degrees=-15-then-rotation+rotation-degrees=30"],
  [{ compose: [{ union: ["rotation", "rotation"] }, "rotation"] }, "(rotation+rotation)-then-rotation"],
  ["../my folder/my family.mjs", "my_family"],
  [{ "C:\\own.ts": { deep: { x: 1 } } }, "own-deep=x_1"],
])("the name of %j can be part of a file's", (spec, name) => {
  expect(specName(spec)).toBe(name);
});

test.each(Object.keys(families) as (keyof typeof families)[])("%s takes a list of values in text", (name) => {
  const option = listOptionOf(name);
  if (option === undefined) return;
  const [value] = Object.values(families[name]().members[1].parameters);
  const make = families[name] as (options: object) => TransformFamily;
  expect(described(familyFromSpec(`${name}:${value}`))).toEqual(described(make({ [option]: [value] })));
});
