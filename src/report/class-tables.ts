/** A test class by class for a terminal. */
import { percent } from "./format.ts";
import type { ClassAnswersRecord, ClassReportRecord, HardImageRecord } from "./test-record.ts";
import { type Cell, terminalTable } from "./terminal-table.ts";
import { shortened, terminalLine } from "../text/index.ts";

/** Classes of a table, of a matrix: more do not fit a screen. */
const tableClasses = 20;
const matrixClasses = 10;
const listedMistakes = 10;
const listedImages = 10;

/** Precision, recall and F1 of each class; of many, those with the lowest F1 in the worst case. */
export function classTable({ classes, averages }: ClassReportRecord): string {
  const weakest = classes
    .toSorted((a, b) => (a.worstCase.f1 ?? 2) - (b.worstCase.f1 ?? 2))
    .slice(0, tableClasses)
    .sort((a, b) => a.index - b.index);
  const numbers = ({ precision, recall, f1 }: Pick<ClassAnswersRecord, "precision" | "recall" | "f1">) =>
    [precision?.value ?? null, recall?.value ?? null, f1].map(shown);
  const rows: Cell[][] = weakest.map(({ name, images, clean, worstCase }) => [
    shortened(name, 24),
    String(images),
    ...numbers(clean),
    ...numbers(worstCase),
  ]);
  const mean = ({ precision, recall, f1 }: ClassReportRecord["averages"]["clean"]) =>
    [precision, recall, f1].map(shown);
  rows.push(["mean of classes", "", ...mean(averages.clean), ...mean(averages.worstCase)]);
  const measures = ["precision", "recall", "F1"];
  const head = ["class", "images", ...measures, ...measures.map((name) => `worst ${name}`)];
  const cut =
    classes.length > tableClasses
      ? [
          `The ${tableClasses} classes with the lowest worst-case F1, of ${classes.length}; --json and --html have all.`,
        ]
      : [];
  const note = classes.some(({ images }) => images === 0)
    ? ["–: nothing to measure, as in a class without test images."]
    : [];
  return [terminalTable(wrappedHead(head), rows, { numbersFrom: 1 }), ...cut, ...note].join("\n");
}

/** Images by class and answer; of many classes, the most frequent mistakes. */
export function confusionTable({ classes, confusion, mistakes }: ClassReportRecord): string {
  if (confusion === null || classes.length > matrixClasses) {
    const worst = new Map(mistakes.worstCase.map((each) => [pairOf(each), each.images]));
    const list = mistakes.worstCase.slice(0, listedMistakes);
    if (list.length === 0) return "No image is taken for another class, as it is or in its worst view.";
    const clean = new Map(mistakes.clean.map((each) => [pairOf(each), each.images]));
    return terminalTable(
      ["class", "taken for", "clean", "worst case"],
      list.map((each) => [
        shortened(each.label, 28),
        shortened(each.answer, 28),
        String(clean.get(pairOf(each)) ?? 0),
        String(worst.get(pairOf(each)) ?? 0),
      ]),
      { numbersFrom: 2 },
    );
  }
  const width = classes.length <= 5 ? 14 : 8;
  const matrix = (title: string, rows: readonly (readonly number[])[]) =>
    terminalTable(
      [title, ...classes.map(({ name }) => terminalLine(shortened(name, width)))],
      rows.map((row, i) => [shortened(classes[i].name, 18), ...row.map((n) => (n === 0 ? "·" : String(n)))]),
      { numbersFrom: 1 },
    );
  return [
    "Answers (columns) to images of each class (rows), as they are and under each image's worst view:",
    matrix("clean", confusion.clean),
    matrix("worst case", confusion.worstCase),
  ].join("\n");
}

/** Wrong images, the most confident first; then those that a transform breaks. */
export function hardestTables(hardest: {
  readonly clean: readonly HardImageRecord[];
  readonly broken: readonly HardImageRecord[];
}): string {
  const wrong = (images: readonly HardImageRecord[]) => images.filter(({ isRight }) => !isRight);
  const row = (image: HardImageRecord): Cell[] => [
    shortened(imageName(image), 40),
    shortened(image.label, 18),
    shortened(image.answer, 18),
    percent(image.confidence),
    image.margin.toFixed(2),
  ];
  const [clean, broken] = [wrong(hardest.clean), wrong(hardest.broken)].map((list) =>
    list.slice(0, listedImages),
  );
  const parts: string[] = [];
  if (clean.length > 0) {
    parts.push(
      "Wrong as they are, the lowest margin first (logit of the class minus the largest other):",
      terminalTable(["image", "class", "taken for", "sure %", "margin"], clean.map(row), { numbersFrom: 3 }),
    );
  }
  if (broken.length > 0) {
    parts.push(
      "Right as they are, wrong under a transform, the lowest margin first:",
      terminalTable(
        ["image", "class", "taken for", "sure %", "margin", "under"],
        broken.map((image) => [...row(image), image.member]),
      ),
    );
  }
  return parts.join("\n");
}

/** The file, else the place in the test set. */
export const imageName = ({ file, index }: Pick<HardImageRecord, "file" | "index">): string =>
  file ?? `image ${index}`;

const pairOf = ({ label, answer }: { readonly label: string; readonly answer: string }) =>
  JSON.stringify([label, answer]);

const shown = (value: number | null): string => (value === null ? "–" : percent(value));

/** A word a line: columns of numbers are narrow. */
const wrappedHead = (head: readonly string[]): string[] => head.map((text) => text.replace(" ", "\n"));
