import { describe, expect, test } from "vitest";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { type ImageFunction, customFamily } from "./custom-family.ts";

const images: ImageBatch = { data: Float32Array.of(0, 0.25, 0.5, 1), shape: [2, 1, 1, 2] };

const mirrored: ImageFunction = ({ data, shape: [, , , width] }) =>
  data.map((_, i) => data[i - (i % width) + (width - 1 - (i % width))]);

describe("customFamily", () => {
  test("has the identity and a member for every function", () => {
    const own = customFamily("own", { mirrored, same: ({ data }) => data }, "nothing");
    expect(own.members.map(({ name }) => name)).toEqual(["identity", "mirrored", "same"]);
    expect([own.name, own.unit]).toEqual(["own", "nothing"]);
    const out = new Float32Array(4);
    expect(own.members[1].apply(images, out)).toBe(out);
    expect(out).toEqual(Float32Array.of(0.25, 0, 1, 0.5));
    expect(own.members[1].apply(images)).toEqual(out);
  });

  test("a function may write into the images it is given", () => {
    const before = images.data.slice();
    const [, inPlace] = customFamily("own", { inPlace: ({ data }) => data.fill(1) }).members;
    expect(inPlace.apply(images)).toEqual(Float32Array.of(1, 1, 1, 1));
    expect(images.data).toEqual(before);
  });

  test("a function may give the same array every time", () => {
    const kept = new Float32Array(4);
    const [, again] = customFamily("own", { again: () => kept }).members;
    const first = again.apply(images);
    kept.fill(7);
    expect(first).toEqual(new Float32Array(4));
  });

  test.each<[string, unknown, string]>([
    ["an array", [0, 0, 0, 0], "a value of class Array"],
    ["a promise", Promise.resolve(images.data), "a value of class Promise"],
    ["nothing", undefined, "gave undefined"],
    ["too few values", new Float32Array(3), "gave 3 values for images of shape [2,1,1,2]. Return 4"],
    ["NaN", Float32Array.of(0, 0, NaN, 0), "gave NaN in image 1"],
    ["Infinity", Float32Array.of(Infinity, 0, 0, 0), "gave Infinity in image 0"],
  ])("a function that gives %s is named", (_, result, tells) => {
    const [, wrong] = customFamily("own", { wrong: () => result as Float32Array }).members;
    expect(() => wrong.apply(images)).toThrow(UsageError);
    expect(() => wrong.apply(images)).toThrow('Member "wrong" of the transform family "own" gave');
    expect(() => wrong.apply(images)).toThrow(tells);
  });

  test("a function that fails is named, and its error kept", () => {
    const cause = new TypeError("no such thing");
    const fails = () => {
      throw cause;
    };
    const [, wrong] = customFamily("own", { wrong: fails }).members;
    expect(() => wrong.apply(images)).toThrow(
      'Member "wrong" of the transform family "own" failed: no such thing',
    );
    expect(() => wrong.apply(images)).toThrow(expect.objectContaining({ cause }));
  });

  test("needs a function, and none called identity", () => {
    expect(() => customFamily("own", {})).toThrow(/"own" has no members/);
    expect(() => customFamily("own", { identity: ({ data }) => data })).toThrow(
      /two members named "identity"/,
    );
  });
});
