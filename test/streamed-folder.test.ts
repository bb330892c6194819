/** A folder of photographs whose pixels are not kept in memory trains and tests as one whose pixels are. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { random } from "../src/tensor/index.ts";
import { cliHere } from "./cli-process.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-streamed-"));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => delete process.env.ALIGNREG_MAX_HELD_BYTES);
const photos = join(root, "photos");

beforeAll(async () => {
  const rng = random(7, "photographs");
  for (const split of ["train", "test"]) {
    for (const [label, name] of ["dark", "light"].entries()) {
      mkdirSync(join(photos, split, name), { recursive: true });
      for (let i = 0; i < 20; i++) {
        const [width, height] = [30 + rng.integer(20), 30 + rng.integer(20)];
        const pixels = Uint8Array.from({ length: 3 * width * height }, () => rng.integer(150) + 100 * label);
        const jpeg = sharp(pixels, { raw: { width, height, channels: 3 } }).jpeg();
        writeFileSync(join(photos, split, name, `${i}.jpg`), await jpeg.toBuffer());
      }
    }
  }
});

const train = (out: string, ...more: string[]) =>
  cliHere(
    ...["train", "--data", photos, "--image-size", "32", "--model", "cifarCnn", "--width", "4"],
    ...["--batch-size", "16", "--epochs", "2", "--threads", "1", "--out", join(root, out), ...more],
  );

const scoresOf = async (json: string) => {
  const { code, stderr } = await cliHere(
    ...["evaluate", join(root, "held/model.onnx"), "--data", photos, "--threads", "1"],
    ...["--json", join(root, json), "--html", join(root, `${json}.html`)],
  );
  expect([code, stderr.includes("are decoded each time")]).toEqual([0, json === "streamed.json"]);
  const { manifest, notes, ...scores } = JSON.parse(readFileSync(join(root, json), "utf8")) as {
    manifest: { data: unknown };
    notes: string[];
  };
  return {
    ...scores,
    data: manifest.data,
    notes: notes.filter((note) => !note.includes("are decoded each")),
  };
};

test.each([["plain"], ["cropped", "--crop", "2", "--flip"]])(
  "%s: equal weights, metrics and scores, bit by bit",
  async (name, ...more) => {
    const [held, streamed] = name === "plain" ? ["held", "streamed"] : ["held2", "streamed2"];
    expect(await train(held, ...more)).toMatchObject({ code: 0 });
    process.env.ALIGNREG_MAX_HELD_BYTES = "100000";
    const ended = await train(streamed, ...more);
    expect([ended.code, ended.stderr.match(/note: .*are decoded each time they are read.*/g)]).toEqual([
      0,
      [expect.stringContaining("photos/train: 40 images")],
    ]);
    for (const file of ["model.onnx", "weights.safetensors", "metrics.jsonl"]) {
      const [one, other] = [held, streamed].map((out) => readFileSync(join(root, out, file)));
      expect(one.equals(other), file).toBe(true);
    }
  },
);

test("the same scores, hardest files and notes", async () => {
  const held = await scoresOf("held.json");
  process.env.ALIGNREG_MAX_HELD_BYTES = "0";
  expect(await scoresOf("streamed.json")).toEqual(held);
});

test("the same sheet of views", async () => {
  const draw = async (name: string) => {
    const out = join(root, `${name}.png`);
    const drawn = await cliHere(
      "transforms",
      "rotation",
      "--data",
      photos,
      "--image-size",
      "32",
      "--out",
      out,
    );
    expect(drawn.code).toBe(0);
    return readFileSync(out);
  };
  const held = await draw("held");
  process.env.ALIGNREG_MAX_HELD_BYTES = "0";
  expect((await draw("streamed")).equals(held)).toBe(true);
});
