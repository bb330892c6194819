import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { familyFromSpec } from "./family-spec.ts";

/** Made by tools/fixtures/reflect.py with torch and numpy. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/reflect.json", import.meta.url), "utf8"),
) as {
  readonly shape: readonly [number, number, number];
  readonly pixels: string;
  readonly cases: readonly {
    readonly family: string;
    readonly value: number;
    readonly views: readonly string[];
  }[];
};

const data = Float32Array.from(Buffer.from(fixture.pixels, "base64"), (byte) => byte / 255);
const images = { data, shape: [1, ...fixture.shape] as const };

test.each(fixture.cases)("$family by $value, mirrored outside, is torch's", ({ family, value, views }) => {
  const { members } = familyFromSpec(`${family}:${value},reflect`);
  expect(members).toHaveLength(1 + views.length);
  views.forEach((view, i) => {
    const expected = new Float32Array(Uint8Array.from(Buffer.from(view, "base64")).buffer);
    const made = members[1 + i].apply(images);
    made.forEach((pixel, at) => expect(Math.abs(pixel - expected[at])).toBeLessThan(1e-5));
  });
});

test("members of both fills stand beside each other", () => {
  const { members } = familyFromSpec("rotation:30+rotation:30,reflect");
  expect(members.map(({ name }) => name)).toEqual(["identity", "rotation 30°", "rotation 30° reflect"]);
  expect(members[2].parameters).toMatchObject({ degrees: 30, reflect: 1 });
  expect(familyFromSpec("rotation:reflect").members).toHaveLength(5);
  expect(() => familyFromSpec("contrast:0.5,reflect")).toThrow(/needs numbers after the colon/);
});

test("an image of one pixel stays", () => {
  const one = { data: Float32Array.of(0.5), shape: [1, 1, 1, 1] as const };
  for (const spec of ["rotation:reflect", "translate:reflect", "scale:reflect", "shear:reflect"])
    for (const member of familyFromSpec(spec).members) expect(member.apply(one)[0]).toBeCloseTo(0.5, 6);
});
