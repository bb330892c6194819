import { describe, expect, expectTypeOf, test } from "vitest";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { compose } from "./compose.ts";
import { contrast } from "./contrast.ts";
import { defineFamily } from "./define-family.ts";
import { families } from "./families.ts";
import { option } from "./family-rows.ts";
import { specOf } from "./family-spec.ts";
import type { Transform } from "./family.ts";
import { hue } from "./hue.ts";
import { meaningsOfTurn } from "./meanings.ts";
import { rotation } from "./rotation.ts";
import { union } from "./union.ts";

const images: ImageBatch = { data: Float32Array.of(0, 0.25, 0.5, 1), shape: [1, 1, 2, 2] };

const times = defineFamily({
  name: "my-times",
  unit: "factor",
  options: {
    factors: [0.5],
    power: 1,
    where: option.choice(["all", "bright"], { description: "which pixels", default: "all" }),
    squared: false,
    words: ["times"],
  },
  members: ({ factors, power, where, squared, words }) => {
    expectTypeOf(factors).toEqualTypeOf<readonly number[]>();
    expectTypeOf(power).toEqualTypeOf<number>();
    expectTypeOf(where).toEqualTypeOf<"all" | "bright">();
    expectTypeOf(squared).toEqualTypeOf<boolean>();
    return Object.fromEntries(
      factors.map((factor) => [
        `${words.join(" ")} ${factor}`,
        ({ data }) =>
          data.map((v) =>
            where === "bright" && v < 0.5 ? v : (squared ? factor ** 2 : factor) * v ** power,
          ),
      ]),
    );
  },
  mayChangeMeaning: ({ name }, { factors }) =>
    name.endsWith(" 0") && factors.includes(0) ? ["the object itself"] : [],
});

describe("a family that is defined", () => {
  test("has members of its options, and of their defaults", () => {
    expect(times.familyName).toBe("my-times");
    expect(times.name).toBe("myTimes");
    expect(Object.keys(times.options)).toEqual(["factors", "power", "where", "squared", "words"]);
    const family = times();
    expect([family.name, family.unit]).toEqual(["my-times", "factor"]);
    expect(family.members.map(({ name }) => name)).toEqual(["identity", "times 0.5"]);
    expect(family.members[1].apply(images)).toEqual(Float32Array.of(0, 0.125, 0.25, 0.5));
    const [, view] = times({ factors: [0.5], power: 2, where: "bright", squared: true }).members;
    expect(view.apply(images)).toEqual(Float32Array.of(0, 0.25, 0.0625, 0.25));
  });

  test("checks its options by the kinds of their defaults", () => {
    const js = times as (options: object) => unknown;
    const wrong = [
      [{ factor: [1] }, 'myTimes has no option "factor". Did you mean "factors"?'],
      [{ factors: 0.5 }, "myTimes' factors must be a list of numbers, not 0.5. Give [0.5]."],
      [{ power: "2" }, 'power must be a number, not "2"'],
      [{ power: NaN }, "power must be a number, not NaN"],
      [{ where: "dark" }, 'Unknown where "dark". Choose one of: all, bright'],
      [{ squared: 1 }, "squared must be true or false, not 1"],
      [{ words: [1] }, "words must be a list of texts, not [1]"],
      [[], "must be an object"],
    ] as const;
    for (const [options, tells] of wrong) {
      expect(() => js(options)).toThrow(UsageError);
      expect(() => js(options)).toThrow(tells);
    }
  });

  test("has results of functions checked, and keeps transforms as they are", () => {
    const [, wrong] = defineFamily({
      name: "own",
      members: () => ({ wrong: () => new Float32Array(1) }),
    })().members;
    expect(() => wrong.apply(images)).toThrow(/"wrong" of the transform family "own" gave 1 values/);
    class Shade implements Transform {
      readonly name = "shade";
      readonly parameters = { factor: 0.5 };
      apply({ data }: ImageBatch): Float32Array {
        return data.map((v) => this.parameters.factor * v);
      }
    }
    const [, shade] = defineFamily({
      name: "own",
      members: () => [new Shade()],
      mayChangeMeaning: () => ["light and dark"],
    })().members;
    expect(shade.parameters).toEqual({ factor: 0.5 });
    expect(shade.apply(images)).toEqual(Float32Array.of(0, 0.125, 0.25, 0.5));
    expect(shade.mayChangeMeaning).toEqual(["light and dark"]);
  });

  test.each<[string, unknown, string]>([
    ["nothing", undefined, "defineFamily takes { name, options, members } as its definition, not undefined"],
    ["no name", { members: () => ({}) }, "a string as its name"],
    ["no members", { name: "own" }, "a function as its members"],
    ["a unit that is none", { name: "own", unit: 3, members: () => ({}) }, "a string as its unit"],
    [
      "an option without a kind",
      { name: "own", options: { x: {} }, members: () => ({}) },
      'The option "x" of the family "own" has the default an empty object',
    ],
    ["NaN as a default", { name: "own", options: { x: NaN }, members: () => ({}) }, "has the default NaN"],
    [
      "an empty list",
      { name: "own", options: { x: [] }, members: () => ({}) },
      "has the default an empty list",
    ],
    [
      "meanings that are none",
      { name: "own", members: () => ({}), mayChangeMeaning: ["half turns"] },
      "a function as its mayChangeMeaning",
    ],
  ])("is refused with %s", (_, definition, tells) => {
    const define = () => (defineFamily as (definition: unknown) => unknown)(definition);
    expect(define).toThrow(UsageError);
    expect(define).toThrow(tells);
  });

  test.each<[string, object, string]>([
    ["no members", { members: () => ({}) }, '"own" has no members'],
    ["a number for members", { members: () => 3 }, 'as its result of members of "own", not 3'],
    ["a member that is no function", { members: () => ({ a: 3 }) }, 'a function as its member a of "own"'],
    ["half a transform", { members: () => [{ name: "a" }] }, "as its member 1"],
    [
      "a meaning that is no list",
      { members: () => ({ a: () => images.data }), mayChangeMeaning: () => "half turns" },
      'says no list of what "a" may change',
    ],
  ])("cannot be made with %s", (_, more, tells) => {
    const make = (defineFamily as unknown as (definition: unknown) => () => unknown)({
      name: "own",
      ...more,
    });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(tells);
  });

  test("is no built-in one in a file, even under its name", () => {
    const own = defineFamily({ name: "rotation", members: () => rotation().members.slice(1) });
    expect(own().members.map(({ name }) => name)).toEqual(rotation().members.map(({ name }) => name));
    expect(specOf(own())).toBeUndefined();
    expect(specOf(union(own(), contrast()))).toBeUndefined();
    expect(specOf(union(rotation(), contrast()))).toBeDefined();
  });
});

test("the built-in families are made by it", () => {
  for (const [name, make] of Object.entries(families)) {
    expect(make.familyName).toBe(name);
    expect(make().madeBy).toEqual([make]);
  }
});

describe("members say what they may change of the meaning", () => {
  const said = (members: readonly Transform[]) => members.map(({ mayChangeMeaning }) => mayChangeMeaning);

  test("of a turn by its angle", () => {
    expect([0, 60, -74, 74.9, 300, 361].map(meaningsOfTurn)).toEqual([[], [], [], [], [], []]);
    expect([75, -90, 134, 270, 450].flatMap(meaningsOfTurn)).toEqual(Array(5).fill("quarter turns"));
    expect([135, 180, -180, 225, 540].flatMap(meaningsOfTurn)).toEqual(Array(5).fill("half turns"));
    expect(said(rotation({ degrees: [15, 180] }).members)).toEqual([undefined, undefined, ["half turns"]]);
  });

  test("and keep it in unions and compositions", () => {
    const [turn, negative] = [rotation({ degrees: [90] }), contrast({ scales: [0.5, -1] })];
    expect(said(union(turn, negative).members).slice(1)).toEqual([
      ["quarter turns"],
      undefined,
      ["light and dark"],
    ]);
    expect(said(compose(turn, negative, hue({ turns: [0.1] })).members).slice(1)).toEqual([
      ["quarter turns", "colours"],
      ["quarter turns", "light and dark", "colours"],
    ]);
  });

  test("of a family of one's own too", () => {
    expect(said(times({ factors: [0, 0.5] }).members)).toEqual([undefined, ["the object itself"], undefined]);
  });
});
