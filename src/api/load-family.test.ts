import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { describeFamily } from "./fit.ts";
import { loadFamily } from "./load-family.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-family-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

const images: ImageBatch = { data: Float32Array.of(0, 0.25, 0.5, 1), shape: [1, 1, 2, 2] };

describe("a module of the user's own", () => {
  test("may export a record of functions", async () => {
    write("shade.mjs", "export default { darker: ({ data }) => data.map((v) => v / 2) };");
    const shade = await loadFamily("./shade.mjs", folder);
    expect(shade.name).toBe("shade");
    expect(shade.members.map(({ name }) => name)).toEqual(["identity", "darker"]);
    expect(shade.members[1].apply(images)).toEqual(Float32Array.of(0, 0.125, 0.25, 0.5));
  });

  test("may export a function of options", async () => {
    write(
      "power.mjs",
      "export default ({ to = 2 }) => ({ [`to ${to}`]: ({ data }) => data.map((v) => v ** to) });",
    );
    const [plain, cubed] = await Promise.all([
      loadFamily("./power.mjs", folder),
      loadFamily({ union: ["rotation:15", { "./power.mjs": { to: 3 } }] }, folder),
    ]);
    expect(plain.members[1].apply(images)).toEqual(Float32Array.of(0, 0.0625, 0.25, 1));
    expect(cubed.members.map(({ name }) => name)).toEqual(["identity", "rotation 15°", "to 3"]);
    expect(cubed.members[2].apply(images)).toEqual(Float32Array.of(0, 0.015625, 0.125, 1));
  });

  test("may export a whole family, in TypeScript where Node runs it", async () => {
    const augment = JSON.stringify(join(process.cwd(), "src/augment/index.ts"));
    write(
      "own.ts",
      `import { rotation } from ${augment};\nexport default rotation({ degrees: [20 as number] });`,
    );
    const own = await loadFamily(join(folder, "own.ts"));
    expect(own.members.map(({ name }) => name)).toEqual(["identity", "rotation 20°"]);
  });

  test("may export what defineFamily gave, as the example does", async () => {
    const base = "examples/plug-ins";
    const solarize = await loadFamily("./solarize.ts", base);
    expect(solarize.members.map(({ name }) => name)).toEqual(["identity", "solarize 0.5", "solarize 0.75"]);
    expect(solarize.members[1].apply(images)).toEqual(Float32Array.of(0, 0.25, 0.5, 0));
    const near = await loadFamily({ "./solarize.ts": { thresholds: [0.1] } }, base);
    expect(near.members[1].mayChangeMeaning).toEqual(["light and dark"]);
    const inText = await loadFamily("./solarize.ts:thresholds=0.1", base);
    expect(inText.members.map(({ name }) => name)).toEqual(near.members.map(({ name }) => name));
    const ranged = await loadFamily("./solarize.ts:0.2..0.8,draws=4", base);
    expect(ranged.members).toHaveLength(5);
    expect(ranged.ranges!.at([0.5]).name).toBe(solarize.members[1].name);
    const record = await loadFamily({ "./solarize.ts": { range: [0.2, 0.8], draws: 4 } }, base);
    expect(record.members.map(({ name }) => name)).toEqual(ranged.members.map(({ name }) => name));
    await expect(loadFamily({ "./solarize.ts": { threshold: [0.1] } }, base)).rejects.toThrow(
      'The transforms ./solarize.ts cannot be made: solarize has no option "threshold". Did you mean "thresholds"?',
    );
  });

  test("is known by its content in manifests and checkpoints", async () => {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(folder, "shade.mjs")))
      .digest("hex");
    const both = await loadFamily("rotation:15+./shade.mjs", folder);
    expect(describeFamily(both)).toEqual({
      name: "rotation+shade",
      members: [{ name: "identity" }, { name: "rotation 15°", degrees: 15 }, { name: "darker" }],
      modules: { "./shade.mjs": sha256 },
    });
    expect(describeFamily(await loadFamily("rotation"))).not.toHaveProperty("modules");
  });

  test.each<[string, string, ...string[]]>([
    ["no default", "export const family = {};", "no family of transforms", "received undefined"],
    ["a number", "export default 3;", "received number"],
    ["no functions", "export default { flip: 3 };", "flip: must be a function"],
    ["no members", "export default {};", "has no members beside the identity"],
    ["a promise", "export default async () => ({ same: (x) => x.data });", "no family of transforms"],
    [
      "no unit",
      "export default { name: 'x', members: [] };",
      "unit: ",
      "members: must be the identity and one",
    ],
    [
      "no identity",
      `const a = { name: "a", parameters: {}, apply() {} };
       export default { name: "x", unit: "", members: [a, { ...a, parameters: { x: "1" } }] };`,
      "members.1.parameters.x: ",
    ],
    [
      "its transforms alone",
      `const a = { name: "a", parameters: {}, apply() {} };
       export default { name: "x", unit: "", members: [a, a] };`,
      "must begin with the identity",
      "must differ in name",
    ],
    ["a syntax error", "export default {", "Cannot run the transforms ./bad"],
    ["an error when it is run", "throw new Error('not today');", "Cannot run", "not today"],
    [
      "an error when it is called",
      "export default () => { throw new Error('never') };",
      "cannot be made: never",
    ],
  ])("with %s is an error", async (what, text, ...tells) => {
    const name = `./bad ${what}.mjs`;
    write(name, text);
    const load = loadFamily(name, folder);
    await expect(load).rejects.toThrow(UsageError);
    for (const part of tells) await expect(load).rejects.toThrow(part);
  });

  test("that is not there is an error", async () => {
    await expect(loadFamily("./none.mjs", folder)).rejects.toThrow(
      "Cannot read the transforms ./none.mjs: ENOENT",
    );
  });

  test("that is no function takes no options", async () => {
    await expect(loadFamily({ "./shade.mjs": { by: 3 } }, folder)).rejects.toThrow("takes no options");
  });
});
