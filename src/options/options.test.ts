import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { UsageError, ownArray } from "../tensor/index.ts";
import {
  type OptionTable,
  checkOptions,
  choice,
  nearestName,
  number,
  shown,
  whole,
  withDefaults,
} from "./index.ts";

interface Options {
  epochs?: number;
  rate?: number;
  kind?: "a" | "b";
}

const table = {
  epochs: whole({ description: "passes", default: 2, flag: "--passes <n>", alias: ["rounds"] }),
  rate: number({ above: 0, most: 1 }, { description: "rate" }),
  kind: choice(["a", "b"], { description: "kind", default: "a" }),
} satisfies OptionTable<Options>;

test("a table lacks no option of its interface, and has none of another type", () => {
  const { epochs, rate, kind } = table;
  // @ts-expect-error -- kind is missing
  const missing: OptionTable<Options> = { epochs, rate };
  // @ts-expect-error -- a choice is no number
  const another: OptionTable<Options> = { epochs: kind, rate, kind };
  // @ts-expect-error -- "c" is no kind
  const beyond: OptionTable<Options> = { epochs, rate, kind: choice(["a", "c"], { description: "kind" }) };
  expect([missing, another, beyond]).toHaveLength(3);
});

test("defaults fill in what is left out, and have the option's type", () => {
  const { epochs, rate, kind } = withDefaults("run", table, { rate: 0.5, epochs: undefined });
  const filled: { epochs: number; rate: number | undefined; kind: "a" | "b" } = { epochs, rate, kind };
  expect(filled).toEqual({ epochs: 2, rate: 0.5, kind: "a" });
});

describe("a wrong option", () => {
  test.each<[object, string]>([
    [{ epoch: 1 }, 'run has no option "epoch". Did you mean "epochs"?'],
    [{ rounds: 1 }, 'run has no option "rounds". Did you mean "epochs"?'],
    [{ passes: 1 }, 'run has no option "passes". Did you mean "epochs"?'],
    [{ whatever: 1 }, 'run has no option "whatever". It takes: epochs, rate, kind.'],
    [{ epochs: 0 }, "run's epochs must be a whole number of at least 1, not 0."],
    [
      { epochs: null },
      "run's epochs must be a whole number of at least 1, not null. Leave it out for the default.",
    ],
    [{ rate: 0 }, "run's rate must be a number above 0 and at most 1, not 0."],
    [{ rate: NaN }, "run's rate must be a number above 0 and at most 1, not NaN."],
    [{ kind: "A" }, 'Unknown kind "A". Choose one of: a, b. Did you mean "a"?'],
    [{ kind: 1 }, `run's kind must be one of "a", "b", not 1.`],
  ])("%o", (given, message) => {
    const check = () => checkOptions<Options>("run", table, given);
    expect(check).toThrow(UsageError);
    expect(check).toThrow(new UsageError(message));
  });
});

test("what was given is shown in a few words", () => {
  const values = [
    undefined,
    null,
    "x".repeat(80),
    3n,
    NaN,
    () => 0,
    Promise.resolve(),
    [1, "a"],
    [],
    new Map(),
    {},
  ];
  expect(values.map(shown)).toEqual([
    "undefined",
    "null",
    `"${"x".repeat(60)}…"`,
    "3n",
    "NaN",
    "a function",
    "a Promise",
    '[1, "a"]',
    "an empty list",
    "a Map",
    "an empty object",
  ]);
  expect(shown(new Float32Array(3))).toBe("a Float32Array of 3");
  expect(shown(new Int8Array(3))).toBe("an Int8Array of 3");
  expect(shown({ a: 1, b: 2 })).toBe("an object with a, b");
});

test("the nearest name is one of a few letters' difference", () => {
  expect(nearestName("epohcs", ["epochs", "batchSize"])).toBe("epochs");
  expect(nearestName("zzz", ["epochs", "batchSize"])).toBeUndefined();
});

test.each(["Float32Array", "Uint8Array", "BigInt64Array", "Uint8ClampedArray"])(
  "a %s of another realm becomes one of ours over the same memory; ours stays itself",
  (name) => {
    const foreign = runInNewContext(`new ${name}(8).subarray(2, 6)`) as Uint8Array;
    const Own = globalThis[name as "Uint8Array"];
    expect(foreign).not.toBeInstanceOf(Own);
    const own = ownArray(foreign);
    expect(own).toBeInstanceOf(Own);
    expect([own.buffer, own.byteOffset, own.length]).toEqual([foreign.buffer, foreign.byteOffset, 4]);
    expect(ownArray(own)).toBe(own);
    expect(ownArray("text")).toBe("text");
  },
);
