import type { TestReport } from "../src/report/index.ts";
import { random } from "../src/tensor/index.ts";

const around = (value: number) => ({
  value,
  low: Math.max(0, value - 0.05),
  high: Math.min(1, value + 0.05),
});
const picture = { width: 2, height: 2, channels: 1, pixels: [0, 0.5, 1, 0.25] } as const;

/** The record of a test of so many classes with drawn counts; the last class has no images and no answers. */
export function reportOf(classes: number, nameOf = (k: number) => `class ${k}`): TestReport {
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
