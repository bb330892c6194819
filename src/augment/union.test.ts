import { expect, test } from "vitest";
import { UsageError } from "../tensor/index.ts";
import { customFamily } from "./custom-family.ts";
import { family, identity } from "./family.ts";
import { rotation } from "./rotation.ts";
import { union } from "./union.ts";

const halved = { ...identity, name: "halved", parameters: { factor: 0.5 } };
const contrast = family("contrast", "factor", [halved]);

test("a union has the identity once and every member of every family, as it is", () => {
  const turned = rotation({ degrees: [15, 30] });
  const both = union(turned, contrast);
  expect(both.members).toEqual([...turned.members, halved]);
  expect(both.members[2]).toBe(turned.members[2]);
  expect(both.name).toBe("rotation+contrast");
});

test("a union names each unit once", () => {
  const [a, b] = [rotation({ degrees: [15] }), rotation({ degrees: [30] })];
  expect(union(a, b).unit).toBe("degrees, counter-clockwise");
  expect(union(a, contrast).unit).toBe("degrees, counter-clockwise; factor");
  expect(union(a, customFamily("own", { same: ({ data }) => data })).unit).toBe("degrees, counter-clockwise");
});

test("two members of one name are an error", () => {
  const [a, b] = [rotation({ degrees: [15, 30] }), rotation({ degrees: [30, 45] })];
  expect(() => union(a, b)).toThrow(UsageError);
  expect(() => union(a, b)).toThrow('"rotation+rotation" has two members named "rotation 30°"');
});

test("one family is no union", () => {
  expect(() => union(contrast)).toThrow("two families or more; 1 was given");
});

test("a union comes from the modules of all its families", () => {
  const [a, b] = [
    { ...contrast, modules: { "./a.mjs": "aa" } },
    { ...rotation(), modules: { "./b.mjs": "bb" } },
  ];
  expect(union(a, b).modules).toEqual({ "./a.mjs": "aa", "./b.mjs": "bb" });
  expect(union(contrast, rotation())).not.toHaveProperty("modules");
});
