import { describe, expect, test } from "vitest";
import { floats, readImageFixture } from "../../test/image-fixture.ts";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { brightness } from "./brightness.ts";
import { contrast } from "./contrast.ts";
import type { TransformFamily } from "./family.ts";
import { hue } from "./hue.ts";
import { packageContrastTensorflow } from "./package-contrast-tensorflow.ts";
import { packageContrast } from "./package-contrast.ts";
import { packageRotation } from "./package-rotation.ts";
import { packageSaturationTensorflow } from "./package-saturation-tensorflow.ts";
import { rotation } from "./rotation.ts";
import { saturation } from "./saturation.ts";

interface Case {
  family: string;
  value: number;
  images: string;
  expected: string;
}

const fixture = readImageFixture<Case>("colour.json");

/** Each family's default values, a family of the given ones, and values that it must reject. */
const families: Record<
  string,
  { make: (values?: number[]) => TransformFamily; defaults: number[]; rejects: number[]; needsColour?: true }
> = {
  contrast: {
    make: (scales) => contrast({ scales }),
    defaults: [0.5, 0.25, -1, -0.5, -0.25],
    rejects: [0, 1, 1.5, -2, NaN],
  },
  brightness: {
    make: (factors) => brightness({ factors }),
    defaults: [0.5, 0.75, 1.5, 2],
    rejects: [0, 1, -1, Infinity, NaN],
  },
  saturation: {
    make: (factors) => saturation({ factors }),
    defaults: [0.5, 0.75, 1.5, 2],
    rejects: [1, -0.5, Infinity, NaN],
    needsColour: true,
  },
  hue: {
    make: (turns) => hue({ turns }),
    defaults: [-0.2, -0.1, 0.1, 0.2],
    rejects: [0, 0.6, -0.6, NaN],
    needsColour: true,
  },
  "package-contrast": {
    make: (factors) => packageContrast({ factors }),
    defaults: [0.5, 0.75, 1.5, 2],
    rejects: [0, 1, -1, NaN],
  },
  "package-contrast-tensorflow": {
    make: (factors) => packageContrastTensorflow({ factors }),
    defaults: [0.1, 0.2, 0.4, 0.8],
    rejects: [0, 1, -1, NaN],
  },
  "package-saturation-tensorflow": {
    make: (factors) => packageSaturationTensorflow({ factors }),
    defaults: [0.5, 0.75, 1.5, 2],
    rejects: [1, -0.5, NaN],
    needsColour: true,
  },
};

describe("against torchvision, and NumPy and colorsys where it has no such function", () => {
  test.each(fixture.cases)("$family by $value of $images images", ({ family, value, images, expected }) => {
    const [, member] = families[family].make([value]).members;
    // the reference computes in float32; a hue's error there, 1e-7, counts six times
    expect(member.apply(fixture.images[images])).toBeAllClose(floats(expected), { atol: 2e-6 });
  });

  test("every family has its cases", () => {
    expect(new Set(fixture.cases.map((c) => c.family))).toEqual(new Set(Object.keys(families)));
  });
});

describe.each(Object.entries(families))("%s", (name, { make, defaults, rejects, needsColour }) => {
  test("has its default members", () => {
    expect(
      make()
        .members.slice(1)
        .map((member) => Object.values(member.parameters)),
    ).toEqual(defaults.map((value) => [value]));
  });

  test.each(rejects)("rejects %s", (value) => {
    expect(() => make([value])).toThrow(UsageError);
  });

  const [, member] = make().members;
  const grey = fixture.images.grey;
  if (needsColour) {
    test("rejects grey images, which it would not change", () => {
      expect(() => member.apply(grey)).toThrow(
        `Family "${name}" needs red, green and blue; images [2,1,5,7] have 1 channel. ` +
          `On grey images every one of its members would equal the identity.`,
      );
    });
  } else {
    test("changes grey images", () => {
      expect(member.apply(grey)).not.toEqual(grey.data);
    });
  }
});

describe("contrast", () => {
  test("names its members by the paper's formulas", () => {
    const names = contrast({ scales: [0.5, 0.25, -1, -0.5, -0.25, 0.3, -0.3] }).members.map((m) => m.name);
    expect(names.slice(1)).toEqual([
      "contrast x/2",
      "contrast x/4",
      "contrast 1−x",
      "contrast (1−x)/2",
      "contrast (1−x)/4",
      "contrast 0.3·x",
      "contrast 0.3·(1−x)",
    ]);
  });
});

describe("clamping", () => {
  const images: ImageBatch = { data: Float32Array.of(0, 0.2, 0.8, 1), shape: [1, 1, 2, 2] };

  test("torchvision's contrast stays in [0, 1], TensorFlow's does not", () => {
    expect(packageContrast({ factors: [2] }).members[1].apply(images)).toBeAllClose([0, 0, 1, 1], {});
    expect(packageContrastTensorflow({ factors: [2] }).members[1].apply(images)).toBeAllClose(
      [-0.5, -0.1, 1.1, 1.5],
      { atol: 1e-6 },
    );
  });

  test("the blend with the mean grey level needs one channel or three", () => {
    expect(() => packageContrast().members[1].apply({ ...images, shape: [1, 2, 1, 2] })).toThrow(
      /needs grey images or red, green and blue; images \[1,2,1,2\] have 2 channels/,
    );
  });
});

describe("hue", () => {
  test("by a third of a turn takes red to green to blue to red", () => {
    const red: ImageBatch = { data: Float32Array.of(1, 0, 0), shape: [1, 3, 1, 1] };
    const [, third] = hue({ turns: [1 / 3] }).members;
    const green = third.apply(red);
    expect(green).toBeAllClose([0, 1, 0], { atol: 1e-6 });
    const blue = third.apply({ ...red, data: green });
    expect(blue).toBeAllClose([0, 0, 1], { atol: 1e-6 });
    expect(third.apply({ ...red, data: blue })).toBeAllClose([1, 0, 0], { atol: 1e-6 });
  });
});

describe("package-rotation", () => {
  test("is the paper's angles, clockwise", () => {
    const { unit, members } = packageRotation();
    expect(unit).toBe(rotation().unit);
    expect(members.slice(1).map((member) => member.parameters)).toEqual(
      [-15, -30, -45, -60].map((degrees) => ({ degrees })),
    );
    const images = fixture.images.grey;
    expect(members[1].apply(images)).toEqual(rotation({ degrees: [-15] }).members[1].apply(images));
  });
});
