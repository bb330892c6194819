import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { classTable, confusionTable, hardestTables } from "./class-tables.ts";
import { renderTestReport } from "./test-html.ts";
import { type TestReport, testRecordSchema } from "./test-record.ts";

const around = (value: number) => ({
  value,
  low: Math.max(0, value - 0.05),
  high: Math.min(1, value + 0.05),
});
const picture = { width: 2, height: 2, channels: 1, pixels: [0, 0.5, 1, 0.25] } as const;

/** A test of so many classes with drawn counts; the last class has no images and no answers. */
function reportOf(classes: number, nameOf = (k: number) => `class ${k}`): TestReport {
  const draw = random(1, "report");
  const names = Array.from({ length: classes }, (_, k) => nameOf(k));
  const rows = names.map((_, i) =>
    names.map((_, j) => {
      if (i === classes - 1 || j === classes - 1) return 0;
      return i === j ? 20 + draw.integer(10) : Math.max(0, draw.integer(12) - 9);
    }),
  );
  const last = (k: number) => k === classes - 1;
  const mistakes = rows
    .flatMap((row, i) => row.map((images, j) => ({ label: names[i], answer: names[j], images, i, j })))
    .filter(({ i, j, images }) => i !== j && images > 0)
    .sort((a, b) => b.images - a.images)
    .map(({ label, answer, images }) => ({ label, answer, images }));
  const hard = {
    index: 3,
    file: `photos/test/${names[0]}/IMG_0001.JPG`,
    label: names[0],
    answer: names[1],
    isRight: false,
    confidence: 0.93,
    labelProbability: 0.02,
    margin: -3.84,
    member: "rotation 30°",
  };
  const answers = (k: number, shift: number) => ({
    answers: last(k) ? 0 : 25,
    precision: last(k) ? null : around(0.9 - shift),
    recall: last(k) ? null : around(0.8 - shift),
    f1: last(k) ? null : 0.85 - shift,
  });
  return {
    schema: "alignreg-test",
    version: 1,
    title: "model.onnx on photos",
    dataset: "photos/test",
    family: { name: "rotation" },
    samples: 250,
    classes,
    cleanAccuracy: around(0.9),
    robustAccuracy: around(0.7),
    invarianceScore: around(0.4),
    members: [
      { name: "identity", accuracy: 0.9, low: 0.85, high: 0.95 },
      { name: "rotation 30°", accuracy: 0.7, low: 0.65, high: 0.75 },
    ],
    perClass: {
      classes: names.map((name, index) => ({
        index,
        name,
        images: last(index) ? 0 : rows[index].reduce((a, b) => a + b, 0),
        clean: answers(index, 0),
        worstCase: answers(index, 0.2),
      })),
      averages: {
        clean: { precision: 0.9, recall: 0.8, f1: 0.85 },
        worstCase: { precision: 0.7, recall: 0.6, f1: 0.65 },
      },
      confusion: classes > 1000 ? null : { clean: rows, worstCase: rows },
      mistakes: { clean: mistakes.slice(0, 50), worstCase: mistakes.slice(0, 100) },
    },
    hardest: { clean: [{ ...hard, member: "identity" }], broken: [hard, { ...hard, file: undefined }] },
    pictures: {
      clean: [picture],
      broken: [
        { clean: picture, view: picture },
        { clean: picture, view: picture },
      ],
    },
    notes: ["There is no test image of the last class."],
    manifest: {
      command: "alignreg evaluate model.onnx",
      config: { seed: 0 },
      data: { name: "photos/test", samples: 250, sha256: "0ff1ce" },
      model: { name: "model.onnx", sha256: "f00d" },
      versions: { alignreg: "0.1.0" },
      machine: { platform: "linux x64", cpu: "a processor", cores: 2, memoryGB: 8 },
      startedAt: "2025-11-27T10:00:00.000Z",
    },
  };
}

interface Element {
  readonly textContent: string;
  getAttribute(name: string): string | null;
}
const all = (markup: string, selector: string) => [
  ...(
    parseHTML(markup) as unknown as { document: { querySelectorAll(s: string): Iterable<Element> } }
  ).document.querySelectorAll(selector),
];

describe.each([2, 10, 100])("the page of %d classes", (classes) => {
  const page = renderTestReport(reportOf(classes));

  test("is self-contained: no script, and nothing to fetch", () => {
    expect(page).not.toMatch(/<script|<link|<iframe|@import|javascript:|https?:|url\(/i);
  });

  test("shows every class, in both matrices and the table", () => {
    expect(all(page, ".confusion")).toHaveLength(2);
    expect(all(page, ".confusion tbody tr")).toHaveLength(2 * classes);
    expect(all(page, ".confusion td")).toHaveLength(2 * classes ** 2);
    // Those of the classes, and their mean.
    expect(all(page, ".classes tbody tr")).toHaveLength(classes + 1);
  });

  test("can be followed without seeing it", () => {
    for (const header of all(page, "th")) expect(header.getAttribute("scope")).toMatch(/^(col|row)(group)?$/);
    for (const image of all(page, "img")) expect(image.getAttribute("alt")).toMatch(/^Test image of class/);
    for (const region of all(page, ".scroll")) expect(region.getAttribute("aria-label")).toBeTruthy();
    expect(all(page, "[aria-label='wrong:']").length).toBeGreaterThan(0);
  });

  test("a class without images has dashes, not zeros", () => {
    const rows = all(page, ".classes tbody tr").map(({ textContent }) =>
      textContent.trim().replace(/\s+/g, " "),
    );
    expect(rows.at(-2)).toBe(`class ${classes - 1} 0 ––––––`);
  });
});

test("of more classes than fit, the page lists the most frequent mistakes", () => {
  const page = renderTestReport(reportOf(150));
  expect(all(page, ".confusion")).toHaveLength(0);
  expect(all(page, ".mistakes tbody tr")).toHaveLength(20);
});

test("escapes all text", () => {
  const evil = `<b onload="x">&'`;
  const report = reportOf(3, (k) => `${evil}${k}`);
  const page = renderTestReport({
    ...report,
    title: evil,
    dataset: evil,
    family: { name: evil },
    notes: [evil],
    members: report.members.map((member) => ({ ...member, name: evil })),
    hardest: {
      clean: [{ ...report.hardest.clean[0], file: evil }],
      broken: [{ ...report.hardest.broken[0], member: evil }],
    },
  });
  expect(page).not.toContain("<b onload");
  expect(all(page, "[onload]")).toEqual([]);
  expect(all(page, "h1")[0].textContent).toBe(evil);
});

test("no list of images, no heading of it", () => {
  const page = renderTestReport({
    ...reportOf(3),
    hardest: { clean: [], broken: [] },
    pictures: { clean: [], broken: [] },
  });
  expect(page).not.toContain("The hardest images");
});

describe("on a terminal", () => {
  const { perClass, hardest } = reportOf(3);

  test("classes, matrices and images", () => {
    const text = [classTable(perClass), confusionTable(perClass), hardestTables(hardest)].join("\n");
    expect(`\n${text}\n`).toMatchSnapshot();
  });

  test("names of others do nothing, and long ones are cut", () => {
    const evil = reportOf(3, (k) => `\u001b[2J\n${"x".repeat(300)}${k}`);
    const text = [classTable(evil.perClass), confusionTable(evil.perClass), hardestTables(evil.hardest)].join(
      "\n",
    );
    expect(text).not.toContain("\u001b");
    expect(text).toContain("\\x1b[2J");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(140);
  });

  test("of many classes the weakest, and the most frequent mistakes", () => {
    const many = reportOf(100).perClass;
    const [table, mistakes] = [classTable(many), confusionTable(many)];
    expect(table).toMatch(/The 20 classes with the lowest worst-case F1, of 100/);
    expect(mistakes.split("\n").filter((line) => line.includes("class "))).toHaveLength(11);
  });

  test("where nothing is wrong, nothing is listed", () => {
    const right = { ...hardest.clean[0], isRight: true };
    expect(hardestTables({ clean: [right], broken: [right] })).toBe("");
    const none = { ...reportOf(100).perClass, mistakes: { clean: [], worstCase: [] } };
    expect(confusionTable(none)).toMatch(/^No image is taken for another class/);
  });
});

test("what a test writes is read back, and another version is not", () => {
  const { manifest, ...report } = reportOf(3);
  const written = JSON.parse(JSON.stringify({ ...report, manifest: { ...manifest, seconds: 1 } })) as Record<
    string,
    unknown
  >;
  const { success, data } = testRecordSchema.safeParse(written);
  expect(success).toBe(true);
  expect(data!.perClass).toEqual(written.perClass);
  expect(testRecordSchema.safeParse({ ...written, version: 2 }).success).toBe(false);
});
