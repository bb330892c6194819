/** What is compared on photographs: as data, before anything runs. */

import type { FeatureScale, MethodName } from "../../src/index.ts";

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
} as const;

/** The shifts, by how the command line spells them. */
export const shifts = [
  "rotation:-30,-15,15,30",
  "brightness+contrast+blur",
  "brightness+contrast:0.25+blur",
] as const;

export const heads = ["linear", 100] as const;

/**
 * Rows of the tables: the method, what is aligned, what the features are brought to (else the default, their roots), and the one
 * head that has the row, where others have not.
 */
export const rows: readonly Row[] = [
  { row: "base", method: "base" },
  { row: "va", method: "va" },
  { row: "vwa", method: "vwa" },
  { row: "rwa", method: "rwa", align: "logits" },
  { row: "rwa, hidden layer aligned", method: "rwa", align: "head.hidden.relu", only: 100 },
  { row: "vwa, features as they are", method: "vwa", featureScale: "own", only: "linear" },
  { row: "vwa, features of one length", method: "vwa", featureScale: "length", only: "linear" },
];

export interface Row {
  readonly row: string;
  readonly method: MethodName;
  readonly align?: string;
  readonly featureScale?: FeatureScale;
  readonly only?: Head;
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
      rows.filter(({ only = head }) => only === head).map((row) => ({ shift, head, row })),
    ),
  );
}

/** The file of a cell's scores. */
export const cellName = ({ shift, head, row, lambda, seed, isChoice }: Cell): string =>
  [isChoice ? "choice" : "test", shift, head, row, `lambda ${lambda ?? "none"}`, `seed ${seed}`]
    .join("-")
    .replaceAll(/[^\w.-]+/g, "_") + ".json";
