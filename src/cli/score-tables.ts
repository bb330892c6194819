import type { EvaluationResult } from "../api/index.ts";
import type { Bound, BoundTerms, DistanceName, Interval, RightOf, Scores } from "../evaluate/index.ts";
import { corruptionErrors } from "../evaluate/index.ts";
import { type Cell, terminalTable } from "../report/index.ts";
import { count, counted, percent } from "./format.ts";

/** What the invariance score compared; the default is the logits by l2. */
interface Compared {
  readonly distance: DistanceName;
  readonly embedding?: string;
}

/** As "Calibration error 4.1 % clean, 12.0 % under shifts; at the model's temperature 1.62: 1.2 %, 7.9 %." */
export function calibrationLine({
  clean,
  shifted,
  temperature,
  bins,
}: EvaluationResult["calibration"]): string {
  const before = `Calibration error ${percent(clean.before)} % clean, ${percent(shifted.before)} % under shifts (${bins} bins)`;
  if (clean.after === null || shifted.after === null || temperature === null) return `${before}.`;
  return `${before}; at the model's temperature, ${temperature.toFixed(2)}: ${percent(clean.after)} %, ${percent(shifted.after)} %.`;
}

/** As "Of 612 images whose 4 views all agree with the answer 95.1 % are right, of the 388 others 55.2 % (area under the curve 0.830; probability 0.860)." */
export function stabilityLine({ stability, members }: EvaluationResult): string | undefined {
  if (stability === null) return undefined;
  const { agreeing, others, areaUnderCurve, areaOfProbability } = stability;
  const share = ({ images, right }: RightOf) => (images === 0 ? "–" : `${percent(right / images)} %`);
  const views = members.length === 2 ? "whose view agrees" : `whose ${members.length - 1} views all agree`;
  const areas =
    areaUnderCurve === null || areaOfProbability === null
      ? ""
      : ` (area under the curve ${areaUnderCurve.toFixed(3)}; that of the probability ${areaOfProbability.toFixed(3)})`;
  return (
    `Of ${counted(agreeing.images, "image")} ${views} with the answer ${share(agreeing)} are right, ` +
    `of the ${count(others.images)} others ${share(others)}${areas}.`
  );
}

/** As "Mean error under 15 corruptions 41.3 %; highest under glass_blur, 63.0 %.", of a test under them. */
export function corruptionLine(scores: Scores): string | undefined {
  if (!scores.members.some(({ name }) => / severity [1-5]$/.test(name))) return undefined;
  const { meanError, byCorruption } = corruptionErrors(scores);
  const [[worst, error]] = Object.entries(byCorruption).sort(([, a], [, b]) => b - a);
  const many = counted(Object.keys(byCorruption).length, "corruption");
  return `Mean error under ${many} ${percent(meanError)} %; highest under ${worst}, ${percent(error)} %.`;
}

/** A model's scores for a terminal, plain text: percent with 95 % intervals, and the terms of the bound. */
export function scoreTables(scores: Scores, { distance, embedding }: Compared): string {
  const { members, alignmentGap, efficiency, samples } = scores;
  const rows: Cell[][] = [];
  const row = (name: string, { value, low, high }: Interval) =>
    rows.push([name, percent(value), `[${percent(low)}, ${percent(high)}]`]);
  row("clean accuracy", scores.cleanAccuracy);
  row("robust accuracy", scores.robustAccuracy);
  const compared = [distance === "l2" ? [] : distance, embedding ?? []].flat();
  row(["invariance score", ...compared].join(", "), scores.invarianceScore);
  for (const { name, accuracy, low, high } of members)
    row(`accuracy, ${name}`, { value: accuracy, low, high });
  const { value, low, high } = alignmentGap.mean;
  return [
    terminalTable(["score", "%", "95 % interval"], rows, { numbersFrom: 1 }),
    `Alignment gap ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] in logits (l1, mean); ` +
      `efficiency holds for ${percent(efficiency)} % of ${counted(samples, "image")}.`,
    boundTable(scores.bound),
    "worst ≤ clean + gap: the paper's bound of the worst-case risk without its",
    "complexity term, on these images. The error's may fail, the others always hold.",
  ].join("\n");
}

function boundTable({ error, softmaxError, crossEntropy }: Bound): string {
  const rows: Cell[][] = [];
  const row = (
    name: string,
    { cleanRisk, meanGap, sum, worstCaseRisk, holds }: BoundTerms,
    largest: number,
  ) => {
    // A risk is never above `largest`, so such a sum holds whatever the model does.
    const verdict = sum >= largest ? "trivially" : holds ? "yes" : "no";
    rows.push([name, ...[cleanRisk, meanGap, sum, worstCaseRisk].map((x) => x.toFixed(3)), verdict]);
  };
  row("error, logits l1", error, 1);
  row("1 − p(label), total variation", softmaxError, 1);
  row("cross-entropy, logits l1", crossEntropy, Infinity);
  return terminalTable(["risk, gap", "clean", "gap", "sum", "worst", "holds"], rows, { numbersFrom: 1 });
}
