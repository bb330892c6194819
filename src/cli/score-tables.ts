import Table from "cli-table3";
import type { Interval, Scores } from "../evaluate/index.ts";
import { counted, percent } from "./format.ts";

/** A model's scores for a terminal, plain text: percent with 95 % intervals. */
export function scoreTables(scores: Scores): string {
  const { members, alignmentGap, efficiency, samples } = scores;
  const table = new Table({
    head: ["score", "%", "95 % interval"],
    colAligns: ["left", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const row = (name: string, { value, low, high }: Interval) =>
    table.push([name, percent(value), `[${percent(low)}, ${percent(high)}]`]);
  row("clean accuracy", scores.cleanAccuracy);
  row("robust accuracy", scores.robustAccuracy);
  row("invariance score", scores.invarianceScore);
  for (const { name, accuracy, low, high } of members)
    row(`accuracy, ${name}`, { value: accuracy, low, high });
  const { value, low, high } = alignmentGap.mean;
  return [
    table.toString(),
    `Alignment gap ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] in logits (l1, mean); ` +
      `efficiency holds for ${percent(efficiency)} % of ${counted(samples, "image")}.`,
  ].join("\n");
}
