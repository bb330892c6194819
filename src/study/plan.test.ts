import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { canonicalJson, cellOf } from "./cell.ts";
import { parseStudy } from "./parse.ts";
import { type Arm, planOf } from "./plan.ts";

const planFrom = (settings: string) => planOf(parseStudy(`name: s\n${settings}`, "study.yaml"));
const paper = (more = "", validation = 10) =>
  planFrom(
    `data: { name: mnist, train: 100, validation: ${validation} }\nfamilies: [texture, rotation, contrast]\n` +
      `lambda: { values: [1, 0.01, 0.1] }\nseeds: [0, 1, 2]\n${more}`,
  );
const arm = (plan: readonly Arm[], key: string) => plan.find((each) => each.key === key)!;
const ids = (plan: readonly Arm[]) =>
  new Set(
    plan.flatMap(({ candidates, cellsAt }) =>
      [...candidates.flatMap(({ cells }) => cells), ...cellsAt(0.1)].map(({ id }) => id),
    ),
  );

test("the paper's study has 15 columns under 3 families, in the paper's order", () => {
  const plan = paper();
  expect(plan).toHaveLength(45);
  expect(plan.slice(15, 30).map(({ column }) => column.label)).toEqual([
    ...["Base", "VA", "RVA L", "RVA S", "RVA C", "RVA K", "RVA W", "RVA D"],
    ...["VWA", "RWA L", "RWA S", "RWA C", "RWA K", "RWA W", "RWA D"],
  ]);
  expect(plan[16]).toMatchObject({ key: "rotation/va", family: "rotation" });
  // 3 of base, 3 families × (2 columns × 3 seeds + 12 columns × (3 candidates + 2 more seeds)).
  expect(ids(plan).size).toBe(3 + 3 * (2 * 3 + 12 * 5));
});

test("base sees no views, so one run for each seed serves every family", () => {
  const plan = paper();
  const runs = (key: string) => arm(plan, key).cellsAt(null);
  expect(runs("texture/base")).toEqual(runs("contrast/base"));
  expect(runs("texture/base")[0].config).toMatchObject({ family: null, regularizer: null, lambda: null });
  expect(runs("texture/va")[0].id).not.toBe(runs("contrast/va")[0].id);
});

describe("λ", () => {
  test("is searched by the first seeds, and the chosen λ's search runs are among its final ones", () => {
    const { candidates, cellsAt, fixedLambda } = arm(paper(), "rotation/rwa-kl");
    expect(candidates.map(({ lambda }) => lambda)).toEqual([0.01, 0.1, 1]);
    expect(candidates.map(({ cells }) => cells.map(({ config }) => config.seed))).toEqual([[0], [0], [0]]);
    expect(fixedLambda).toBeNull();
    expect(cellsAt(0.1).map(({ config }) => [config.lambda, config.seed])).toEqual([
      [0.1, 0],
      [0.1, 1],
      [0.1, 2],
    ]);
    expect(cellsAt(0.1)[0]).toEqual(candidates[1].cells[0]);
  });

  test("is not searched where there is one value, or none", () => {
    const plan = planFrom("data: { name: mnist }\nfamilies: [rotation]\nlambda: { values: [0.3] }\n");
    expect(plan.every(({ candidates }) => candidates.length === 0)).toBe(true);
    expect(arm(plan, "rotation/rwa-kl").cellsAt(null)[0].config.lambda).toBe(0.3);
    expect(arm(plan, "rotation/vwa").cellsAt(null)[0].config.lambda).toBeNull();
  });
});

describe("a cell's id", () => {
  test("is none that the same study had when its images were the first of the data set", () => {
    const ofSmallStudy = planOf(parseStudy(readFileSync("studies/smoke.yaml", "utf8"), "smoke.yaml"));
    const [{ config, id }] = ofSmallStudy[0].cellsAt(null);
    expect(config.sampling).toBe("stratified");
    expect(id).toBe("e2e754717695");
    expect(cellOf({ ...config, sampling: undefined } as never).id).toBe("0f3fdd481bc4");
  });

  test("is the same where widths, normalisation, crops and schedules are left out or as they are by default", () => {
    const id = (more: string) => arm(paper(more), "rotation/rwa-kl").cellsAt(0.1)[0].id;
    for (const same of ["crop: 0", "flip: false", "model: { name: lenet }", "model: lenet"]) {
      expect(id(same)).toBe(id(""));
    }
  });

  test("changes with everything that decides its bits", () => {
    const settings = [
      ...["", "epochs: 3", "batchSize: 64", "dataSeed: 1", "threads: 2", "selection: batch"],
      ...["model: cifarCnn", "model: { name: cifarCnn, width: 8 }", "mean: [0.1]", "std: [0.3]"],
      ...["crop: 2", "flip: true", "schedule: { kind: cosine }"],
      ...["optimizer: { learningRate: 0.1 }", "optimizer: { name: sgd }", "optimizer: { weightDecay: 0.1 }"],
    ];
    const seen = settings.map((more) => arm(paper(more), "rotation/rwa-kl").cellsAt(0.1)[0].id);
    expect(new Set([...seen, arm(paper("", 20), "rotation/rwa-kl").cellsAt(0.1)[0].id]).size).toBe(17);
    const { cellsAt } = arm(paper(), "rotation/rwa-kl");
    expect(new Set([...cellsAt(0.1), ...cellsAt(1)].map(({ id }) => id)).size).toBe(6);
  });

  test("does not change with what does not: other columns, families, seeds, candidates, how views are kept", () => {
    const id = (plan: readonly Arm[]) => arm(plan, "rotation/rwa-kl").cellsAt(0.1)[0].id;
    const one = planFrom(
      "data: { name: mnist, train: 100, validation: 10 }\nfamilies: [rotation]\nmethods: [rwa]\n" +
        "regularizers: [kl]\nlambda: { values: [0.1] }\naugmentation: lazy\nbaseline: rwa-kl\n",
    );
    expect(id(one)).toBe(id(paper()));
  });

  test("is a hash of the config whatever the order of its keys", () => {
    const { config } = paper()[0].cellsAt(null)[0];
    const reversed = Object.fromEntries(Object.entries(config).reverse()) as unknown as typeof config;
    expect(cellOf(reversed).id).toBe(cellOf(config).id);
    expect(cellOf(config).id).toMatch(/^[0-9a-f]{12}$/);
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 0 })).toBe('{"a":0,"b":[{"c":null,"d":1}]}');
  });
});
