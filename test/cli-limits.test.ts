import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-limits-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...path: string[]) => join(folder, ...path);
const photos = inFolder("photos");
const flat = inFolder("flat");

/** 4 classes × 20 grey pictures 12×12 in each split, which a class's brightness tells apart; the same in a folder without splits. */
beforeAll(async () => {
  for (const [label, name] of ["ant", "bee", "cat", "dog"].entries()) {
    for (const [split, shift] of [
      ["photos/train", 0],
      ["photos/test", 1],
      ["flat", 0],
    ] as const) {
      mkdirSync(inFolder(split, name), { recursive: true });
      for (let i = 0; i < 20; i++) {
        const pixels = Uint8Array.from({ length: 144 }, (_, at) => 60 * label + 2 * i + shift + (at % 7));
        const png = sharp(pixels, { raw: { width: 12, height: 12, channels: 1 } })
          .toColourspace("b-w")
          .png();
        writeFileSync(inFolder(split, name, `${String(i).padStart(2, "0")}.png`), await png.toBuffer());
      }
    }
  }
});

const evenly = (split: string) => `note: ${split}: using 20 of 80 images: 5 of each of 4 classes.`;
const train = (out: string, ...more: string[]) =>
  cliHere(
    ...[
      "train",
      "--data",
      photos,
      "--method",
      "base",
      "--epochs",
      "1",
      "--threads",
      "1",
      "--out",
      inFolder(out),
    ],
    ...more,
  );

describe("--limit", () => {
  test("of train, evaluate and transforms draws from every class, and says so once", async () => {
    const trained = await train("run", "--limit", "20");
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr.split(evenly("photos/train"))).toHaveLength(2);

    const scores = inFolder("scores.json");
    const model = inFolder("run/model.onnx");
    const tested = await cliHere(...["evaluate", model, "--data", photos, "--limit", "20", "--json", scores]);
    expect(tested.code, tested.stderr).toBe(0);
    expect(tested.stderr.split(evenly("photos/test"))).toHaveLength(2);
    const { samples, notes } = JSON.parse(readFileSync(scores, "utf8")) as {
      samples: number;
      notes: string[];
    };
    expect(samples).toBe(20);
    expect(notes).toContain(evenly("photos/test").slice("note: ".length));

    const sheet = [
      "transforms",
      "rotation:20",
      "--data",
      photos,
      "--limit",
      "20",
      "--out",
      inFolder("sheet.png"),
    ];
    expect((await cliHere(...sheet)).stderr).toBe(`${evenly("photos/test")}\n`);
  });
});

describe("doubts are said", () => {
  test("of a training of few steps, and of a test on the images of the training", async () => {
    const trained = await train("seen");
    expect(trained.stderr).toContain("note: Training is 10 steps in all (1 epoch of 10)");
    const model = inFolder("seen/model.onnx");
    const again = await cliHere("evaluate", model, "--data", photos, "--split", "train");
    expect(again.stderr).toContain(
      "note: The test images are among those that the model was trained on (photos/train, 80 images)",
    );
    expect((await cliHere("evaluate", model, "--data", photos)).stderr).not.toContain(
      "among those that the model was trained on",
    );
    const renamed = await cliHere("evaluate", model, "--data", flat);
    expect(renamed.stderr).toContain("note: The test images are among those that the model was trained on");
  });

  test("of a folder that serves to train and to test", async () => {
    const trained = await cliHere(
      ...["train", "--data", flat, "--method", "base", "--epochs", "1", "--out", inFolder("flat-run")],
    );
    expect(trained.stderr).toContain("note: flat has no train/ and test/ folders: the same images");
  });
});

test("a study says how its images were drawn, once", async () => {
  const file = inFolder("study.yaml");
  writeFileSync(
    file,
    "name: s\ndata: { name: photos, train: 40, test: 20 }\nfamilies: [rotation]\nmethods: [base]\nseeds: [0]\n",
  );
  const { code, stderr } = await cliHere("study", "run", file, "--dry-run");
  expect(code, stderr).toBe(0);
  expect(stderr).toBe(
    "note: photos/train: using 40 of 80 images: 10 of each of 4 classes.\n" + `${evenly("photos/test")}\n`,
  );
});
