import { describe, expect, test } from "vitest";
import type { Scores } from "../evaluate/index.ts";
import { type CellState, scoresName } from "./cell-folder.ts";
import { countUnits, overviewRows, unitsOf } from "./overview.ts";
import { parseStudy } from "./parse.ts";
import { planOf } from "./plan.ts";
import { type Choice, type StudyState, isChosen, settledChoice } from "./state.ts";
import { type WorkItem, openWork } from "./work.ts";

const study = parseStudy(
  `name: s
data: { name: mnist, train: 100, validation: 10 }
families: [rotation, contrast]
methods: [base, vwa, rwa]
regularizers: [kl, l1]
lambda: { values: { default: [0.1, 1], l1: [0.5] }, choose: invarianceScore, seeds: 2 }
seeds: [5, 6, 7]
`,
  "study.yaml",
);
const plan = planOf(study);

/** Scores that prefer the greater λ. */
const scoresFor = ({ cell }: WorkItem): Scores =>
  ({
    cleanAccuracy: { value: 0.9 },
    robustAccuracy: { value: 0.8 },
    invarianceScore: { value: cell.config.lambda ?? 0 },
  }) as Scores;

/** A study's course without its processes. */
class Course {
  readonly cells = new Map<string, CellState>();
  readonly givenUp = new Set<string>();
  readonly choices = new Map<string, Choice>();
  readonly done: WorkItem[] = [];
  state: StudyState = this;

  choose(): void {
    for (const arm of plan.filter(({ candidates }) => candidates.length > 0)) {
      const choice = settledChoice(arm, this.state, study.lambda!);
      if (choice) this.choices.set(arm.key, choice);
    }
  }

  complete(item: WorkItem): void {
    const scores = new Map(this.cells.get(item.cell.id)?.scores);
    for (const { part, family } of item.evaluations) scores.set(scoresName(part, family), scoresFor(item));
    this.cells.set(item.cell.id, { isTrained: true, trainingSeconds: 1, scores, failure: null, damage: [] });
    this.done.push(item);
  }

  fail({ cell }: WorkItem): void {
    const failure = { message: "diverged", stack: "", attempt: 1 };
    this.cells.set(cell.id, {
      isTrained: false,
      trainingSeconds: null,
      scores: new Map(),
      failure,
      damage: [],
    });
    this.givenUp.add(cell.id);
  }

  counts = () => countUnits(unitsOf(plan, this.state, new Set()), null);
}

/** Takes the first open item, or any other, to the end. */
function runThrough(
  course: Course,
  pick: (open: WorkItem[]) => WorkItem,
  fails: (item: WorkItem) => boolean = () => false,
) {
  for (;;) {
    course.choose();
    const open = openWork(plan, course.state);
    if (open.length === 0) return course;
    const item = pick(open);
    if (fails(item)) course.fail(item);
    else course.complete(item);
  }
}

const first = (open: WorkItem[]) => open[0];
const last = (open: WorkItem[]) => open[open.length - 1];
const isOf = (method: string, lambda: number | null) => (item: WorkItem) =>
  item.cell.config.method === method && item.cell.config.lambda === lambda;

describe.each([
  { order: "first", pick: first },
  { order: "last", pick: last },
])("taking the $order open item each time", ({ pick }) => {
  const course = runThrough(new Course(), pick);

  test("ends with everything done", () => {
    expect(course.counts()).toMatchObject({ failed: 0, left: 0 });
    expect(new Set([...course.choices.values()].map(({ lambda }) => lambda))).toEqual(new Set([1]));
  });

  test("no test images are seen before every λ is chosen, nor are any by candidates that were not", () => {
    const replayed = new Course();
    for (const item of course.done) {
      replayed.choose();
      const isTested = item.evaluations.some(({ part }) => part === "test");
      if (isTested) expect(isChosen(plan, replayed.state)).toBe(true);
      replayed.complete(item);
    }
    const tested = course.done.filter(({ evaluations }) => evaluations.some(({ part }) => part === "test"));
    expect(tested.filter(({ cell }) => cell.config.lambda === 0.1)).toEqual([]);
    expect(tested.filter(({ cell }) => cell.config.lambda === 1).length).toBeGreaterThan(0);
  });

  test("only candidates see validation images", () => {
    const validated = course.done.filter(({ evaluations }) =>
      evaluations.some(({ part }) => part === "validation"),
    );
    // kl only, under both families, by the two search seeds with two λ.
    expect(validated).toHaveLength(2 * 2 * 2);
    expect(new Set(validated.map(({ cell }) => cell.config.seed))).toEqual(new Set([5, 6]));
  });
});

test("what others wait for comes first", () => {
  const open = openWork(plan, new Course().state);
  expect(open.slice(0, 8).every(({ evaluations }) => evaluations[0]?.part === "validation")).toBe(true);
  expect(open.slice(8).every(({ evaluations }) => evaluations.length === 0)).toBe(true);
});

test("base is trained once for each seed and tested under every family", () => {
  const { done } = runThrough(new Course(), first);
  const tests = done.filter(isOf("base", null)).flatMap(({ evaluations }) => evaluations);
  for (const family of ["contrast", "rotation"]) {
    expect(tests.filter((each) => each.family === family)).toHaveLength(3);
  }
  expect(done.filter(isOf("base", null)).map(({ cell }) => cell.config.family)).not.toContain("rotation");
});

describe("when cells fail", () => {
  test("a failed candidate is left out of the choice, and the rest goes on", () => {
    const course = runThrough(new Course(), first, isOf("rwa", 1));
    const choice = course.choices.get("rotation/rwa-kl");
    expect(choice).toMatchObject({ lambda: 0.1 });
    expect(choice?.candidates[1]).toEqual({ lambda: 1, scores: null, error: "diverged" });
    // Two candidate runs under each family.
    expect(course.counts()).toMatchObject({ failed: 4, left: 0 });
  });

  test("a column without any candidate is missing, and the others are tested all the same", () => {
    const course = runThrough(new Course(), first, ({ cell }) => cell.config.regularizer === "kl");
    expect(course.choices.get("rotation/rwa-kl")).toMatchObject({ lambda: null });
    // Under each family 4 candidates, the third seed's training, and 3 tests.
    expect(course.counts()).toMatchObject({ failed: 2 * (4 + 1 + 3), left: 0 });
  });

  test("a failed base counts as its training and as its tests", () => {
    const course = runThrough(new Course(), first, isOf("base", null));
    expect(course.counts()).toMatchObject({ failed: 3 + 2 * 3, left: 0 });
  });
});

test("the total is the same from the beginning to the end, and rows add up to it", () => {
  const course = new Course();
  // Trainings: 3 of base; by family vwa 3, kl 2 × 2 + 1, l1 3. Tests: 4 columns × 3 seeds × 2 families.
  const total = 3 + 2 * (3 + 5 + 3) + 24;
  const check = () => {
    const counts = course.counts();
    expect(counts.total).toBe(total);
    expect(counts.done + counts.running + counts.failed + counts.left).toBe(total);
    const rows = overviewRows(unitsOf(plan, course.state, new Set()));
    expect(rows.map(({ family }) => family)).toEqual(["rotation", "contrast", null]);
    expect(rows.reduce((sum, row) => sum + row.done, 0)).toBe(counts.done);
  };
  check();
  expect(course.counts().left).toBe(total);
  runThrough(course, (open) => {
    check();
    return open[0];
  });
  check();
});

test("the choice is by the mean over the search seeds", () => {
  const course = new Course();
  const arm = plan.find(({ key }) => key === "rotation/rwa-kl")!;
  const scored = (value: number): CellState => ({
    isTrained: true,
    trainingSeconds: 1,
    scores: new Map([
      [
        "validation-rotation",
        { cleanAccuracy: { value }, robustAccuracy: { value }, invarianceScore: { value } } as Scores,
      ],
    ]),
    failure: null,
    damage: [],
  });
  // λ 0.1: 0.2 and 0.6; λ 1: 0.5 and 0.1.
  [0.2, 0.6, 0.5, 0.1].forEach((value, i) => {
    expect(settledChoice(arm, course.state, study.lambda!)).toBeNull();
    course.cells.set(arm.candidates[Math.floor(i / 2)].cells[i % 2].id, scored(value));
  });
  const choice = settledChoice(arm, course.state, study.lambda!)!;
  expect(choice.lambda).toBe(0.1);
  expect(choice.candidates.map(({ scores }) => scores?.invarianceScore)).toEqual([0.4, 0.3]);
});

test("every run is tested under the families of testFamilies too, and base under each family once", () => {
  const wider = parseStudy(
    `name: s
data: { name: mnist, train: 100 }
families: [rotation, contrast]
testFamilies: ["corruptions/fog:3", contrast]
methods: [base, vwa]
`,
    "study.yaml",
  );
  const arms = planOf(wider);
  const nothing: StudyState = { cells: new Map(), givenUp: new Set(), choices: new Map() };
  const [fog] = arms[0].tests.slice(1);
  expect(arms.map(({ tests }) => tests.map(({ label }) => label))).toEqual([
    ["rotation", `rotation-tested-under-${fog.family}`, "rotation-tested-under-contrast"],
    ["rotation", `rotation-tested-under-${fog.family}`, "rotation-tested-under-contrast"],
    ["contrast", `contrast-tested-under-${fog.family}`],
    ["contrast", `contrast-tested-under-${fog.family}`],
  ]);
  const tested = openWork(arms, nothing).map(({ evaluations }) => evaluations.map(({ family }) => family));
  expect(tested).toEqual([
    ["rotation", fog.family, "contrast"],
    ["rotation", fog.family, "contrast"],
    ["contrast", fog.family],
  ]);
  // Three trainings, and each of their tests.
  expect(unitsOf(arms, nothing, new Set())).toHaveLength(3 + 3 + 3 + 2);
});
