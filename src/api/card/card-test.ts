import { isRecord } from "../../options/index.ts";
import type { CardResults } from "../export/export-options.ts";
import { testScores } from "../sidecar/test-scores.ts";
import type { CardTest } from "./sections.ts";

/** What a card shows of the result of `evaluate`. */
export function cardTest(results: CardResults): CardTest {
  const { samples, cleanAccuracy, robustAccuracy, invarianceScore, perClass, calibration, manifest } =
    results;
  const { transforms } = manifest.config;
  return {
    ...testScores({
      images: samples,
      clean: cleanAccuracy,
      robust: robustAccuracy,
      invariance: invarianceScore,
      perClass,
    }),
    data: manifest.data.name,
    sha256: manifest.data.sha256,
    transforms: isRecord(transforms) && typeof transforms.name === "string" ? transforms.name : "shifts",
    calibration: calibration?.clean ?? null,
  };
}
