/** The closed-form regularizers by PyTorch: tools/fixtures/regularizers.py. */
import { readFileSync } from "node:fs";

export interface StoredMatrix {
  readonly shape: [number, number];
  readonly data: number[];
}

export interface RegularizerFixture {
  readonly name: string;
  readonly logits: StoredMatrix;
  readonly viewLogits: StoredMatrix;
  readonly regularizers: Readonly<
    Record<string, Record<"perSample" | "gradLogits" | "gradViewLogits", StoredMatrix>>
  >;
}

export const { cases: regularizerFixtures } = JSON.parse(
  readFileSync(new URL("fixtures/objective/regularizers.json", import.meta.url), "utf8"),
) as { cases: RegularizerFixture[] };
