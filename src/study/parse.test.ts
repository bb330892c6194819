import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { StudyFileError, parseStudy } from "./parse.ts";

const smallest = "name: small\ndata: { name: mnist }\nfamilies: [rotation]\n";

/** `line:column message` of each problem. */
function problemsOf(text: string): string[] {
  try {
    parseStudy(text, "study.yaml");
  } catch (error) {
    if (!(error instanceof StudyFileError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

test("name, data and families are enough", () => {
  expect(parseStudy(smallest, "study.yaml")).toEqual({
    name: "small",
    data: { name: "mnist" },
    dataSeed: 0,
    model: "lenet",
    epochs: 2,
    batchSize: 128,
    optimizer: { name: "adam", learningRate: 1e-3 },
    families: ["rotation"],
    methods: ["base", "va", "rva", "vwa", "rwa"],
    regularizers: ["l1", "squaredL2", "cosine", "kl", "wasserstein", "discriminator"],
    selection: "sample",
    lambda: {
      values: Object.fromEntries(
        ["l1", "squaredL2", "cosine", "kl", "wasserstein", "discriminator"].map((name) => [name, [0.1]]),
      ),
      criterion: "invarianceAtAccuracy",
      tolerance: 0.01,
      seeds: 1,
      warmUp: 0,
    },
    seeds: [0],
    baseline: "vwa",
    threads: 1,
    augmentation: "eager",
  });
});

test("values of λ may differ by regularizer", () => {
  const study = parseStudy(
    "name: s\ndata: { name: mnist, validation: 10 }\nfamilies: [rotation]\nregularizers: [kl, l1]\n" +
      "lambda: { values: { default: [1, 2], kl: [3] } }\n",
    "study.yaml",
  );
  expect(study.lambda?.values).toEqual({ kl: [3], l1: [1, 2] });
});

test("a model has the width that is given, and is its name where none is", () => {
  const modelOf = (model: string) => parseStudy(`${smallest}model: ${model}\n`, "study.yaml").model;
  expect(modelOf("resnet18")).toBe("resnet18");
  expect(modelOf("{ name: resnet18 }")).toBe("resnet18");
  expect(modelOf("{ name: resnet18, width: 16 }")).toEqual({ name: "resnet18", width: 16 });
});

test("views are made as needed where crop or flip changes the images", () => {
  const augmentation = (more: string) => parseStudy(`${smallest}${more}\n`, "study.yaml").augmentation;
  expect(augmentation("crop: 4")).toBe("lazy");
  expect(augmentation("flip: true")).toBe("lazy");
  expect(augmentation("crop: 0\nflip: false\naugmentation: eager")).toBe("eager");
  expect(augmentation("flip: false")).toBe("eager");
});

test("without regularized methods there are no regularizers, and the first column may be the baseline", () => {
  const study = parseStudy(`${smallest}methods: [va, base]\n`, "study.yaml");
  expect(study).toMatchObject({ regularizers: [], lambda: null, baseline: "base" });
});

test("every problem of a file is reported, at its line and column, with what would be right", () => {
  const text = `name: "a b"
data: { name: mnist, trian: 256, validation: 0 }
epoch: 1
batchSize: x
families: [rotatoin, rotation, rotation, { rotation: { degrees: fifteen } }]
methods: [base, rwaa]
optimizer: { name: adam, learningrate: 1 }
lambda:
  values: [0.1, -1, 0.1]
  choose: accuracy
selection: best
`;
  expect(problemsOf(text)).toEqual([
    "1:1 name: a name has letters, digits, dots, dashes and underscores only.",
    '2:22 data.trian: unknown setting "trian". Did you mean "train"?',
    "2:34 data.validation: must be at least 1, not 0.",
    '3:1 epoch: unknown setting "epoch". Did you mean "epochs"?',
    '4:1 batchSize: must be a number, not "x".',
    expect.stringMatching(/^5:12 families: Unknown transform family "rotatoin"\. Choose one of: .*rotation/),
    "5:32 families: rotation is there twice. Take one away.",
    expect.stringMatching(/^5:42 families: "degrees" of the family "rotation" must be a list of numbers/),
    '6:17 methods: unknown method "rwaa". Did you mean "rwa"?',
    '7:26 optimizer.learningrate: unknown setting "learningrate". Did you mean "learningRate"?',
    "9:17 lambda.values: must be at least 0, not -1.",
    "9:21 lambda.values: 0.1 is there twice. Take one away.",
    '10:3 lambda.choose: unknown criterion "accuracy". Choose one of: cleanAccuracy, robustAccuracy, ' +
      "invarianceScore, invarianceAtAccuracy.",
    '11:1 selection: must be one of sample, batch, not "best".',
  ]);
});

test.each<[what: string, text: string, problems: string[]]>([
  [
    "several λ without validation images",
    `${smallest}lambda: { values: [1, 2] }\n`,
    ["2:1 data: several values of lambda.values need validation images to choose on. Give data.validation."],
  ],
  [
    "a baseline that is no column",
    `${smallest}regularizers: [kl]\nbaseline: rwa-k\n`,
    ['5:1 baseline: unknown column "rwa-k". Did you mean "rwa-kl"?'],
  ],
  [
    "more search seeds than seeds",
    `${smallest}lambda: { seeds: 2 }\n`,
    ["4:11 lambda.seeds: 2 seeds are to search; the study has 1."],
  ],
  [
    "a regularizer without λ, and a λ without regularizer",
    `${smallest}regularizers: [kl, l1]\nlambda: { values: { kl: [1], l2: [1] } }\n`,
    [
      '5:11 lambda.values: there are no values for l1. Give a list to each, or to "default".',
      '5:30 lambda.values.l2: unknown regularizer of this study "l2". Did you mean "l1"?',
    ],
  ],
  [
    "settings that nothing would use",
    `${smallest}methods: [base]\nregularizers: [kl]\nlambda: { choose: robustAccuracy, tolerance: 0.1 }\n`,
    [
      "5:1 regularizers: no method of the study is regularized, so regularizers would be ignored. " +
        "Leave it out, or add rva or rwa.",
      "6:1 lambda: no method of the study is regularized, so lambda would be ignored. " +
        "Leave it out, or add rva or rwa.",
    ],
  ],
  [
    "a tolerance that the criterion does not have",
    `${smallest}lambda: { choose: robustAccuracy, tolerance: 0.1 }\n`,
    ["4:35 lambda.tolerance: the criterion robustAccuracy has no tolerance. Leave it out."],
  ],
  [
    "a model that there is not",
    `${smallest}model: resnet81\n`,
    ['4:1 model: unknown model "resnet81". Did you mean "resnet18"?'],
  ],
  [
    "a model in a mapping that there is not",
    `${smallest}model: { name: resnet81, width: 0 }\n`,
    [
      '4:10 model.name: unknown model "resnet81". Did you mean "resnet18"?',
      "4:26 model.width: must be at least 1, not 0.",
    ],
  ],
  [
    "a setting that a model does not have",
    `${smallest}model: { name: resnet18, widht: 8, depth: 3 }\n`,
    [
      '4:26 model.widht: unknown setting "widht". Did you mean "width"?',
      '4:36 model.depth: unknown setting "depth". Choose one of: name, width, file, output, inputRange, channelOrder.',
    ],
  ],
  [
    "a model without a name",
    `${smallest}model: { width: 8 }\n`,
    ["4:1 model: give either a name or a file."],
  ],
  ["a model that is no model", `${smallest}model: 18\n`, ["4:1 model: must be a text or a mapping, not 18."]],
  [
    "a width for a model that has none",
    `${smallest}model: { name: lenet, width: 8 }\n`,
    [
      '4:23 model.width: The model "lenet" has no width. Leave it out, or choose one of: resnet18, cifarCnn, vgg, mobileNet.',
    ],
  ],
  [
    "values of λ that are none",
    `${smallest}lambda: { values: 3 }\n`,
    ["4:11 lambda.values: must be a list or a mapping, not 3."],
  ],
  [
    "a normalisation that is none",
    `${smallest}mean: [0.5]\nstd: [0.2, 0, x]\n`,
    ["5:12 std: must be above 0, not 0.", '5:15 std: must be a number, not "x".'],
  ],
  [
    "a mean and a std of different channels",
    `${smallest}mean: [0.5]\nstd: [0.2, 0.3]\n`,
    ["5:1 std: has 2 numbers, mean 1. Give one for each channel of the images."],
  ],
  [
    "eager views of images that change",
    `${smallest}augmentation: eager\nflip: true\n`,
    [
      "4:1 augmentation: eager keeps views of images that never change; crop and flip change them in each step. " +
        "Leave it out, or crop and flip.",
    ],
  ],
  [
    "crops that are none",
    `${smallest}crop: -1\nflip: 1\n`,
    ["4:1 crop: must be at least 0, not -1.", "5:1 flip: must be true or false, not 1."],
  ],
  [
    "a schedule's settings that it does not have",
    `${smallest}schedule: { kind: cosine, factor: 0.1 }\n`,
    ["4:27 schedule.factor: is for the schedule step; this one is cosine. Leave it out."],
  ],
  ["a missing setting", "name: s\nfamilies: [rotation]\n", ["1:1 data: is missing; give a mapping."]],
  ["an empty file", "", ["1:1 must be a mapping, not null."]],
  ["a key that is there twice", `${smallest}name: b\n`, ["4:1 Map keys must be unique"]],
  [
    "what is no YAML",
    "name: s\nfamilies: [rotation\nseeds: [0]\n",
    [expect.stringMatching(/^3:1 Flow sequence/)],
  ],
  [
    "an alias of nothing, or of what comes later",
    `${smallest}mean: *nope\nstd: &nope [0.1]\n`,
    ["4:7 *nope repeats nothing: no value before it is marked &nope. Mark one, or write the value out."],
  ],
  [
    "aliases that stand inside what they repeat",
    "name: s\ndata: { name: mnist }\nfamilies: &f [rotation, *f]\noptimizer: &o { name: *o }\n",
    [
      "3:25 *f stands inside the value that it repeats (&f). Write out what is meant.",
      "4:23 *o stands inside the value that it repeats (&o). Write out what is meant.",
    ],
  ],
  [
    "aliases that grow without bound",
    `${smallest}a: &a [x, x, x, x, x]\n${["ab", "bc", "cd", "de"].map(([from, to]) => `${to}: &${to} [${`*${from}, `.repeat(9)}]\n`).join("")}`,
    ["5:8 the aliases of this file repeat one another too many times. Write out what is meant."],
  ],
  ["endless nesting", `${smallest}mean: ${"[".repeat(20_000)}`, [expect.stringMatching(/nested far deeper/)]],
])("%s is said", (_, text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test("an alias repeats a value", () => {
  const study = parseStudy(`${smallest}mean: &level [0.5]\nstd: *level\n`, "study.yaml");
  expect(study.std).toEqual([0.5]);
});

test("nesting of any depth is no bug of ours", () => {
  for (const depth of [50, 200, 400, 600, 700, 780, 1500]) {
    const text = `${smallest}mean: ${"[".repeat(depth)}1${"]".repeat(depth)}\n`;
    expect(() => parseStudy(text, "study.yaml")).toThrow(StudyFileError);
  }
});

test("the message leads with file, line and column", () => {
  expect(() => parseStudy(`${smallest}epochs: 0\n`, "dir/study.yaml")).toThrow(
    /^dir\/study\.yaml:4:1: epochs: must be at least 1, not 0\.$/,
  );
  expect(() => parseStudy(`${smallest}epochs: 0\nthreads: 0\n`, "study.yaml")).toThrow(
    /^study\.yaml has 2 problems:\nstudy\.yaml:4:1: /,
  );
});

describe("the studies that come with the project", () => {
  test.each(readdirSync("studies"))("%s can be read", (file) => {
    expect(() => parseStudy(readFileSync(`studies/${file}`, "utf8"), file)).not.toThrow();
  });
});
