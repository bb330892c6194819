/** Study files, checked and planned as `study run --dry-run` does. */
import { editText } from "../edit-text.ts";
import { editTree } from "../edit-tree.ts";
import { text } from "../edit-json.ts";
import type { Kind } from "../kind.ts";
import { pick } from "../plan.ts";
import { commandRoad } from "../command-road.ts";
import { pictureFolder } from "../pictures.ts";
import { parse, stringify } from "yaml";

const studies: readonly string[] = [
  `name: tiny
data: { name: ./photos, train: 6, validation: 4, test: 4, imageSize: [18, 18], channels: 3 }
dataSeed: 1
model: { name: cifarCnn, width: 4 }
mean: [0.5, 0.5, 0.5]
std: [0.2, 0.2, 0.2]
crop: 1
flip: true
epochs: 1
batchSize: 4
optimizer: { name: sgd, learningRate: 0.01, momentum: 0.9, nesterov: true, weightDecay: 0.0001 }
schedule: { kind: step, warmUp: 1, every: 1, factor: 0.5 }
families: [rotation, "rotation:15,30", { rotation: { degrees: [45] } }, contrast+noise, "blur:1/shear"]
methods: [base, va, rva, vwa, rwa]
regularizers: [l1, squaredL2, cosine, kl, wasserstein, discriminator]
selection: sample
lambda:
  values: { default: [0.1], squaredL2: [0.01, 0.1] }
  choose: invarianceAtAccuracy
  tolerance: 0.01
  seeds: 1
  warmUp: 2
seeds: [0, 1]
baseline: vwa
threads: 1
augmentation: lazy
`,
  `# small
name: &n other
data:
  name: ./photos
  imageSize: [28, 28]
  channels: 1
  validation: 2
  test: 4
families:
  - texture
  - &r rotation:5
methods: [va, rwa]
seeds: [3]
lambda: { values: [0, 1e-1] }
epochs: 2
`,
];

const vocabulary = [...new Set(studies.join(" ").match(/[\w.]+/g))];

export const study: Kind = {
  share: 5,
  bases: studies.length,
  damage({ base, layer, edits }) {
    const source = pick(studies, base);
    let damaged: string;
    if (layer % 2 === 0) damaged = editText(source, edits, vocabulary);
    else {
      const root = { value: parse(source) as unknown };
      editTree(root, edits, { isTyped: false });
      damaged = stringify(root.value);
    }
    return {
      files: new Map([["study.yaml", text(damaged)], ...pictureFolder("photos")]),
      args: ["study", "run", "study.yaml", "--dry-run"],
    };
  },
  walk: (walk, { args }) => commandRoad(walk, args!),
};
