import { type TransformFamily, viewOf, worstCasePerSample } from "../augment/index.ts";
import { type ImageSource, imagesOf, sampleCount, take } from "../data/index.ts";
import { type Predictions, argmax, predictMembers } from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import type { WorstView } from "../report/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { picture } from "./test-page.ts";

/** Samples looked at, from the first: plenty to find a few in. */
const searched = 1000;

/**
 * Test images that the first model gets right as they are and wrong under the view it finds worst (the greatest
 * cross-entropy), with what every model says of both. The first such image of each class, in the order of classes.
 */
export async function worstViews(
  models: readonly { readonly label: string; readonly model: Classifier }[],
  testData: ImageSource,
  family: TransformFamily,
  count = 9,
): Promise<WorstView[]> {
  const data = take(testData, Math.min(searched, sampleCount(testData)));
  const predictions: Predictions[] = [];
  for (const { model } of models) predictions.push(await predict(model, data, family));

  const [judge] = predictions;
  const samples = data.labels.length;
  const worst = worstCasePerSample(crossEntropies(judge), family.members.length, samples);
  const classAt = ({ logits, classes }: Predictions, member: number, sample: number) =>
    argmax(logits[member], sample * classes, classes);
  const chosen = new Map<number, number>();
  for (let i = 0; i < samples && chosen.size < count; i++) {
    const label = data.labels[i];
    const isMisled = classAt(judge, 0, i) === label && classAt(judge, worst[i], i) !== label;
    if (isMisled && !chosen.has(label)) chosen.set(label, i);
  }
  const views: WorstView[] = [];
  for (const [label, i] of [...chosen].sort(([a], [b]) => a - b)) {
    const clean = await imagesOf(data, [i]);
    const member = family.members[worst[i]];
    views.push({
      label,
      clean: picture(data, clean.data),
      worst: picture(data, viewOf(member, clean)),
      worstMember: member.name,
      predictions: predictions.map((of, m) => ({
        method: models[m].label,
        clean: classAt(of, 0, i),
        worst: classAt(of, worst[i], i),
      })),
    });
  }
  return views;
}

async function predict(model: Classifier, data: ImageSource, family: TransformFamily): Promise<Predictions> {
  const session = await openClassifier(model.graph, { output: model.logits });
  try {
    return await predictMembers((images) => session.predict(images), data, family);
  } finally {
    await session.release();
  }
}

/** The loss of every view, [A, N] member-major: log Σ exp z − z_label. */
function crossEntropies({ labels, classes, logits }: Predictions): Float32Array {
  const losses = new Float32Array(logits.length * labels.length);
  logits.forEach((rows, member) => {
    labels.forEach((label, i) => {
      const row = rows.subarray(i * classes, (i + 1) * classes);
      const top = row.reduce((max, z) => Math.max(max, z), -Infinity);
      const sum = row.reduce((total, z) => total + Math.exp(z - top), 0);
      losses[member * labels.length + i] = top + Math.log(sum) - row[label];
    });
  });
  return losses;
}
