import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { reportOf } from "../../test/test-report-case.ts";
import { classTable, confusionTable, hardestTables } from "./class-tables.ts";
import { renderTestReport } from "./test-html.ts";
import { testRecordSchema } from "./test-record.ts";

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
