/** What is compared on photographs: as data, before anything runs. */

import type { FeatureScale, MethodName } from "../../src/index.ts";
import type { OwnGraph } from "./own-graphs.ts";

/** How every head is trained; written into the record. */
export const training = {
  epochs: 30,
  batchSize: 64,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { kind: "cosine" },
} as const;

export const settings = {
  backbone: "efficientnet-lite0",
  imageSize: 224,
  resize: "stretch",
  perClass: { train: 50, test: 100 },
  seeds: [0, 1, 2],
  /** λ is chosen on this share of the training photographs, set aside by each of these seeds, by the study's own rule. */
  validation: { fraction: 0.2, seeds: [0, 1], lambdas: [0.01, 0.1, 1], tolerance: 0.01 },
  adapterUnits: 100,
  /** Of logits of one length. */
  logitLength: 10,
  /**
   * Of what trains in a second stage: the last block, the layer behind it and the head, at a tenth of the head's rate. Of `vwa` under
   * rotation, on what seed 0 sets aside, 3 epochs of them brought 5 points of robust accuracy, 6 of the last two layers none.
   */
  unfreezing: { layers: 5, epochs: 3 },
} as const;

/** The shifts, by how the command line spells them. */
export const shifts = [
  "rotation:-30,-15,15,30",
  "brightness+contrast+blur",
  "brightness+contrast:0.25+blur",
] as const;

export const heads = ["linear", 100] as const;

/** Without negatives, which no light makes: where more is tried than a head of the product's own. */
const plausible: readonly Shift[] = [shifts[0], shifts[2]];

/** Rows of the tables. */
export const rows: readonly Row[] = [
  { row: "base", method: "base" },
  { row: "va", method: "va" },
  { row: "vwa", method: "vwa" },
  { row: "rwa", method: "rwa", align: "logits" },
  { row: "rwa, hidden layer aligned", method: "rwa", align: "head.hidden.relu", only: 100 },
  { row: "vwa, features as they are", method: "vwa", featureScale: "own", only: "linear" },
  { row: "vwa, features of one length", method: "vwa", featureScale: "length", only: "linear" },
  ...(["adapter", "logits of one length"] as const).flatMap((graph): Row[] => [
    { row: `vwa, ${graph}`, method: "vwa", graph, only: "linear", under: plausible },
    { row: `rwa, ${graph}`, method: "rwa", align: "logits", graph, only: "linear", under: plausible },
  ]),
  ...(["base", "vwa", "rwa"] as const).map((method): Row => ({
    ...{ row: `${method}, last layers`, method, isUnfrozen: true, only: "linear", under: [shifts[0]] },
    ...(method === "rwa" && { align: "logits", lambdaOf: "rwa" }),
  })),
];

/** What is trained, and how. */
export interface Row {
  readonly row: string;
  readonly method: MethodName;
  /** What is aligned. */
  readonly align?: string;
  /** What the features are brought to (default: their roots, the product's own). */
  readonly featureScale?: FeatureScale;
  /** What becomes of the head. */
  readonly graph?: OwnGraph;
  /** Whether the network's last layers train in a second stage. */
  readonly isUnfrozen?: boolean;
  /** The row whose λ it takes; otherwise it is chosen. */
  readonly lambdaOf?: string;
  /** The one head that has the row, where others have not. */
  readonly only?: Head;
  /** The shifts that have it, where others have not. */
  readonly under?: readonly Shift[];
}

export type Head = (typeof heads)[number];
export type Shift = (typeof shifts)[number];

/** One training and its test: on all photographs and the test folder, or, to choose λ, on a part and the rest of them. */
export interface Cell {
  readonly shift: Shift;
  readonly head: Head;
  readonly row: string;
  readonly lambda: number | null;
  readonly seed: number;
  /** Whether a part of the training photographs is set aside and tested on. */
  readonly isChoice: boolean;
}

/** What has a row, in the order of the tables. */
export function compared(): { readonly shift: Shift; readonly head: Head; readonly row: Row }[] {
  return shifts.flatMap((shift) =>
    heads.flatMap((head) =>
      rows
        .filter(({ only = head, under = shifts }) => only === head && under.includes(shift))
        .map((row) => ({ shift, head, row })),
    ),
  );
}

/** The file of a cell's scores. */
export const cellName = ({ shift, head, row, lambda, seed, isChoice }: Cell): string =>
  [isChoice ? "choice" : "test", shift, head, row, `lambda ${lambda ?? "none"}`, `seed ${seed}`]
    .join("-")
    .replaceAll(/[^\w.-]+/g, "_") + ".json";
