/** The example plug-ins, one of each kind: as a plug-in must be, and through every door. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import capped from "../examples/plug-ins/capped.ts";
import huber from "../examples/plug-ins/huber.ts";
import signum from "../examples/plug-ins/signum.ts";
import solarize from "../examples/plug-ins/solarize.ts";
import straightThrough from "../examples/plug-ins/straight-through.ts";
import viewsOnly from "../examples/plug-ins/views-only.ts";
import { fit } from "../src/api/index.ts";
import { planOf, readStudy } from "../src/study/index.ts";
import { runCell } from "../src/study/run-cell.ts";
import { StudyData } from "../src/study/study-data.ts";
import {
  checkFamily,
  checkGradient,
  checkLoss,
  checkMethod,
  checkOptimizer,
  checkRegularizer,
} from "../src/testing/index.ts";
import { cliHere } from "./cli-process.ts";
import { data, options, smallNet } from "./small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-plug-ins-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(process.cwd(), "examples/plug-ins", name);

test.each([
  ["family", () => checkFamily(solarize())],
  ["regularizer", () => checkRegularizer(huber({ delta: 2 }))],
  ["method", () => checkMethod(viewsOnly)],
  ["loss", () => checkLoss(capped())],
  [
    "optimizer",
    () =>
      checkOptimizer(signum(), {
        reference: ({ parameter, gradient, state: [momentum], scalar: { learningRate } }) => {
          const next = momentum.map((m, i) => 0.9 * m + 0.1 * gradient[i]);
          return { parameter: parameter.map((p, i) => p - learningRate * Math.sign(next[i])), state: [next] };
        },
      }),
  ],
  ["gradient", () => checkGradient(straightThrough, { isSurrogate: true })],
] as const)("the example %s is as it must be", async (_, check) => {
  expect((await check()).faults).toEqual([]);
});

/** What the run of every door must say of itself. */
const config = {
  method: { name: "views-only", views: "worst-case", isRegularized: true },
  regularizer: { name: "huber", options: { delta: 2 } },
  loss: { name: "capped", options: { most: 4 } },
  optimizer: { name: "signum", options: { beta: 0.8 } },
  gradients: [{ name: "Round" }],
};

test("from TypeScript", async () => {
  const { manifest, history } = await fit(smallNet(), data, {
    ...{ ...options, onNote: () => undefined, epochs: 1, transforms: solarize({ thresholds: [0.5] }) },
    ...{ method: viewsOnly, regularizer: huber({ delta: 2 }), loss: capped({ most: 4 }) },
    ...{ optimizer: signum({ beta: 0.8 }), learningRate: 1e-3, gradients: [straightThrough] },
  });
  expect(manifest.config).toMatchObject(config);
  expect(history.at(-1)!.loss).toBeLessThanOrEqual(4 + history.at(-1)!.alignment!);
});

test("from the command line", async () => {
  const out = join(folder, "run");
  const { code, stderr } = await cliHere(
    ...["train", "--data", "mnist", "--limit", "32", "--epochs", "1", "--batch-size", "16", "--out", out],
    ...["--transforms", `${at("solarize.ts")}:thresholds=0.5`, "--method", at("views-only.ts")],
    ...["--regularizer", `${at("huber.ts")}:delta=2`, "--loss", `${at("capped.ts")}:most=4`],
    ...["--optimizer", `${at("signum.ts")}:beta=0.8`, "--gradients", at("straight-through.ts")],
  );
  expect([code, stderr]).toEqual([0, expect.anything()]);
  const manifest: unknown = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ config });
  expect(manifest).toMatchObject({
    config: { regularizer: { modules: { "huber.ts": expect.stringMatching(/^\w{64}$/) as string } } },
  });
});

test("from a study", async () => {
  writeFileSync(
    join(folder, "study.yaml"),
    `name: s
data: { name: mnist, train: 32, test: 8 }
batchSize: 16
epochs: 1
families: [{ ${at("solarize.ts")}: { thresholds: [0.5] } }]
methods: [${at("views-only.ts")}]
regularizers: [{ ${at("huber.ts")}: { delta: 2 } }]
loss: "${at("capped.ts")}:most=4"
optimizer: { name: "${at("signum.ts")}:beta=0.8" }
gradients: [${at("straight-through.ts")}]
`,
  );
  const { study, directory } = (await readStudy(join(folder, "study.yaml"))).placed;
  const [arm] = planOf(study);
  expect(arm.column).toMatchObject({ id: "views-only-huber", label: "views-only huber" });
  const job = {
    ...{ cell: arm.cellsAt(null)[0], folder: join(folder, "cell"), directory, evaluations: [] },
    ...{ augmentation: study.augmentation, checkpointSeconds: 15, command: "test" },
  };
  await runCell(job, new StudyData(study, directory), {
    onProgress: () => undefined,
    onNote: () => undefined,
  });
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "cell", "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ config });
});

test("augmix with its options, and the hardest of a batch, from the command line", async () => {
  const out = join(folder, "augmix");
  const { code, stderr } = await cliHere(
    ...["train", "--data", "mnist", "--limit", "32", "--epochs", "1", "--batch-size", "16", "--out", out],
    ...["--method", "augmix", "--augmix-severity", "2", "--augmix-width", "2", "--hardest", "1/2"],
  );
  expect([code, stderr]).toEqual([0, expect.anything()]);
  const { config: made } = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as { config: object };
  expect(made).toMatchObject({ method: "augmix", augmix: { severity: 2, width: 2 }, hardest: 0.5 });
});

test("wrong modules and options of theirs on the command line are errors", async () => {
  const train = (...flags: string[]) =>
    cliHere("train", "--data", "mnist", "--limit", "32", "--out", join(folder, "no"), ...flags);
  for (const [flags, message] of [
    [["--regularizer", "./none.mjs"], /Cannot read the regularizer \.\/none\.mjs/],
    [["--method", at("huber.ts")], /is no method/],
    [["--loss", `${at("capped.ts")}:most`], /needs options as name=value behind the colon/],
    [["--optimizer", at("signum.ts"), "--momentum", "0.9"], /"momentum" would be ignored/],
    [["--hardest", "3/2"], /--hardest/],
  ] as const) {
    const { code, stderr } = await train(...flags);
    expect([flags, code === 0]).toEqual([flags, false]);
    expect(stderr).toMatch(message);
  }
});
