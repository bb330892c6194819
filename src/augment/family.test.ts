import { describe, expect, test } from "vitest";
import { type ImageBatch, ShapeError, UsageError } from "../tensor/index.ts";
import { families, familyByName } from "./families.ts";
import { type Transform, family, identity } from "./family.ts";

/** In colour: some families need it. */
const images: ImageBatch = { data: Float32Array.of(0, 0.25, 0.5, 1, 0.75, 0), shape: [1, 3, 1, 2] };
const halved: Transform = {
  name: "halved",
  parameters: { factor: 0.5 },
  apply: (batch) => batch.data.map((value) => value / 2),
};

describe("family", () => {
  test("puts the identity first", () => {
    expect(family("contrast", "factor", [halved]).members).toEqual([identity, halved]);
  });

  test("needs a transform", () => {
    expect(() => family("contrast", "factor", [])).toThrow(/"contrast" has no members beside the identity/);
  });

  test.each([
    ["halved", [halved, halved]],
    ["identity", [identity, halved]],
  ])("rejects two members named %s", (name, transforms) => {
    expect(() => family("contrast", "factor", transforms)).toThrow(`two members named "${name}"`);
  });
});

describe("identity", () => {
  test("copies", () => {
    const copy = identity.apply(images);
    expect(copy).toEqual(images.data);
    expect(copy).not.toBe(images.data);
  });
});

describe("familyByName", () => {
  test.each(Object.keys(families))("finds %s", (name) => {
    expect(familyByName(name).name).toBe(name);
  });

  test.each(["spin", "toString"])("lists the choices for %s", (name) => {
    expect(() => familyByName(name)).toThrow(UsageError);
    expect(() => familyByName(name)).toThrow(
      `Unknown transform family "${name}". Choose one of: texture, rotation, `,
    );
  });
});

describe.each(
  Object.keys(families).flatMap((name) => familyByName(name).members.map((member) => ({ name, member }))),
)("$name: $member.name", ({ member }) => {
  test("leaves its input alone and fills a given output", () => {
    const before = images.data.slice();
    const out = new Float32Array(6).fill(9);
    expect(member.apply(images, out)).toBe(out);
    expect(images.data).toEqual(before);
    expect(out).toEqual(member.apply(images));
  });

  test("rejects an output that overlaps its input, and takes a neighbour in the same buffer", () => {
    const buffer = new Float32Array(12);
    const batch: ImageBatch = { data: buffer.subarray(0, 6), shape: [1, 3, 1, 2] };
    expect(() => member.apply(batch, batch.data)).toThrow(UsageError);
    expect(() => member.apply(batch, buffer.subarray(5, 11))).toThrow(/overlaps its input/);
    expect(() => member.apply(batch, buffer.subarray(6))).not.toThrow();
  });

  test("rejects arrays that do not fit the shape", () => {
    expect(() => member.apply(images, new Float32Array(7))).toThrow(/output has 7 values.*need 6/);
    expect(() => member.apply({ ...images, shape: [1, 3, 2, 2] })).toThrow(ShapeError);
  });
});
