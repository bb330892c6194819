/** What follows from a record: ranges and counts are computed, and what words say of them is checked before it is said. */
import { Gain, type Named, type Score } from "./compare.ts";
import type { PhotographsRecord } from "./record.ts";

/** @throws Error for a record that does not show what is said */
export function conclusions(record: PhotographsRecord): string {
  const gain = (row: Named, before: Named, score: Score) => new Gain(record, row, before, score);
  return [
    "## What follows",
    "Ranges are over all shifts and heads above that have both rows, in points; a gain is _clear_ where its interval over seeds is above 0.",
    [views, worstView, alignment, hiddenLayer, roots, adapter, normalisedLogits, lastLayers]
      .map((said) => `- ${said(gain, record)}`)
      .join("\n"),
    "## What to take",
    defaults(record, gain)
      .map((line) => `- ${line}`)
      .join("\n"),
    "One sample of photographs was trained on: the intervals over seeds say nothing of another one, those over images do for the test alone.",
  ].join("\n\n");
}

type Gains = (row: Named, before: Named, score: Score) => Gain;

/** The text, where the numbers bear it out. */
export function shown(isSo: boolean, text: string): string {
  if (!isSo) throw new Error(`The record does not show that ${JSON.stringify(text)}: say what it does show.`);
  return text;
}

/** What a row has more than another one, of all scores. */
function all(gain: Gains, row: Named, before: Named): string {
  const [robust, invariance, clean] = (["robust", "invariance", "clean"] as const).map((score) =>
    gain(row, before, score),
  );
  return `${robust.range} robust (${robust.clear}), ${invariance.range} invariance (${invariance.clear}), ${clean.range} clean`;
}

const views = (gain: Gains): string => {
  const [robust, clean] = [gain("va", "base", "robust"), gain("va", "base", "clean")];
  return `**Views ${shown(robust.above === robust.count, "bring the robustness")}**: \`va\` over \`base\` ${robust.range} of robust accuracy, ${clean.range} of clean.`;
};

const worstView = (gain: Gains): string => {
  const [robust, clean] = [gain("vwa", "va", "robust"), gain("vwa", "va", "clean")];
  return `**The worst view** over one drawn at random: ${robust.range} of robust accuracy, ${clean.range} of clean.`;
};

function alignment(gain: Gains): string {
  const [invariance, robust, clean] = (["invariance", "robust", "clean"] as const).map((score) =>
    gain("rwa", "vwa", score),
  );
  const first = shown(
    invariance.above > robust.above && Math.max(...invariance.means) > Math.max(...robust.means),
    "alignment adds invariance first",
  );
  const little = shown(
    robust.above < robust.count / 2,
    "little or no robust accuracy that seeds tell from chance",
  );
  const pays = shown(Math.min(...clean.means) < -0.02, "a large λ pays with clean accuracy");
  const other = gain("vwa, last layers", "vwa", "robust");
  const weighs = shown(
    other.above === other.count,
    "a head can weigh the features that it is given, but not make others, as the last layers do",
  );
  return (
    `**Alignment of the logits**, \`rwa\` over \`vwa\`: ${all(gain, "rwa", "vwa")}. On a frozen network ${first}, and ${little}; ` +
    `${pays}: ${weighs}.`
  );
}

function hiddenLayer(gain: Gains, { choices }: PhotographsRecord): string {
  const row = "rwa, hidden layer aligned";
  const beside = (score: Score) => gain(row, "rwa", score);
  const same = shown(
    [beside("robust"), beside("invariance")].every(({ above, below, count }) => above + below <= count / 2),
    "about what that of the logits brings on the same head",
  );
  const smaller = shown(
    choices.every(
      ({ row: of, chosen, tried }) => of !== row || chosen === Math.min(...tried.map(({ lambda }) => lambda)),
    ),
    "it takes a smaller λ",
  );
  return (
    `**Alignment of the hidden layer** over \`vwa\`: ${all(gain, row, "vwa")}: ${same} (over \`rwa\` there ${beside("robust").range} robust, ` +
    `${beside("invariance").range} invariance). Many units are farther apart than ten logits: ${smaller}.`
  );
}

function roots(gain: Gains): string {
  const over = (before: string) => {
    const [robust, invariance] = [gain("vwa", before, "robust"), gain("vwa", before, "invariance")];
    return `${robust.range} robust and ${invariance.range} invariance`;
  };
  return `**Roots of the features**, a new head's default: ${over("vwa, features as they are")} over features as they are, ${over("vwa, features of one length")} over features of one length.`;
}

function adapter(gain: Gains): string {
  const hidden = (score: Score) => gain("rwa, adapter", { row: "rwa", head: 100 }, score);
  return (
    `**An adapter** before the linear head, x + W₂·relu(W₁·x + b₁) + b₂ with W₂ and b₂ 0 at first: \`vwa\` over \`vwa\` without it ` +
    `${all(gain, "vwa, adapter", "vwa")}; \`rwa\` over \`rwa\` without it ${all(gain, "rwa, adapter", "rwa")}. Over \`rwa\` on the hidden layer: ` +
    `${hidden("robust").range} robust, ${hidden("invariance").range} invariance.`
  );
}

function normalisedLogits(gain: Gains): string {
  const row = "logits of one length";
  return (
    `**Normalised logits**, z/‖z‖ times a number in the loss, the alignment and the model (LogitNorm): \`vwa\` over \`vwa\` without it ` +
    `${all(gain, `vwa, ${row}`, "vwa")}; \`rwa\` over \`rwa\` without it ${all(gain, `rwa, ${row}`, "rwa")}. Features of one length are a row of their own.`
  );
}

function lastLayers(gain: Gains): string {
  const over = (method: string) =>
    `\`${method}\` over the head's \`${method}\` ${all(gain, `${method}, last layers`, method)}`;
  return (
    `**The last layers trained too**, after the head and at a tenth of its rate, λ as it was chosen for the head: ${["base", "vwa", "rwa"].map(over).join("; ")}. ` +
    `Alignment there, \`rwa\` over \`vwa\`: ${all(gain, "rwa, last layers", "vwa, last layers")}.`
  );
}

/** What a user of the product does best with it. */
function defaults({ choices, settings }: PhotographsRecord, gain: Gains): string[] {
  const { layers, epochs } = (settings as { unfreezing: { layers: number; epochs: number } }).unfreezing;
  const rwa = (of: string | number) => choices.filter(({ head, row }) => head === of && row === "rwa");
  const share = (of: string | number, lambda: number) => {
    const found = rwa(of);
    const taken = found.filter(({ chosen }) => chosen === lambda).length;
    return shown(taken > found.length / 2, `was chosen in ${taken} of ${found.length}`);
  };
  const hidden = gain({ row: "vwa", head: 100 }, "vwa", "robust");
  const unfrozen = ["base", "vwa", "rwa"].map((method) => gain(`${method}, last layers`, method, "robust"));
  const tried = ["adapter", "logits of one length"].map((graph) => gain(`rwa, ${graph}`, "rwa", "robust"));
  return [
    `\`rwa\` with λ 0.1, the default, on a linear head: it ${share("linear", 0.1)}. With a hidden layer \`--lambda 0.01\`, which ${share(100, 0.01)}.`,
    `The linear head, the default: ${shown(hidden.above < hidden.count / 2, `a hidden layer brings \`vwa\` ${hidden.range} of robust accuracy`)} (${hidden.clear}).`,
    `Roots of the features, the default: ${shown(
      ["vwa, features as they are", "vwa, features of one length"].every((row) =>
        gain("vwa", row, "robust").means.every((mean) => mean > 0),
      ),
      "more robust than either other scale under all shifts",
    )}.`,
    `\`--unfreeze last:${layers} --unfreeze-epochs ${epochs}\` where minutes may be spent: ${shown(
      unfrozen.every(({ means }) => means.every((mean) => mean > 0)),
      "robust accuracy rose with each method",
    )}, by ${unfrozen.map(({ range }) => range).join(", ")}. It is no default: its epochs run through layers, those of a head through kept features alone.`,
    `No adapter and no normalised logits: ${shown(
      tried.every(({ above }) => above === 0),
      "none brings aligned logits robust accuracy that seeds tell from chance",
    )}, so the product has neither.`,
  ];
}
