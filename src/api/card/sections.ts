/** The parts of a card, in Markdown. All text that comes from files goes through `markdownText`. */
import { markdownText, shortened } from "../../text/index.ts";
import type { Described } from "../sidecar/describe.ts";
import type { TestScores } from "../sidecar/schema.ts";
import { lines } from "./code-text.ts";
import { decidedRule } from "./plan.ts";

/** A test on other images than those of the validation. */
export interface CardTest extends TestScores {
  /** Of the images. */
  readonly data: string;
  readonly sha256: string;
  /** Of the shifts. */
  readonly transforms: string;
  readonly calibration: { readonly before: number; readonly after: number | null } | null;
}

const text = (value: string): string => markdownText(shortened(value, 100));
const whole = (n: number): string => n.toLocaleString("en");
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const within = ({ value, low, high }: TestScores["clean"]): string =>
  `${percent(value)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;

const score = ({ value, low, high }: TestScores["clean"]): string =>
  `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, i) => (i === 0 ? "---" : "--:"));
  return [row(header), row(rule), ...rows.map(row)].join("\n");
}

export function whatItIs({ architecture, parameters, training, classNames }: Described): string {
  const classes = classNames ? `${whole(classNames.length)} classes` : "classes that nobody has named";
  const size = `${whole(parameters ?? 0)} numbers in its weights`;
  if (!training) {
    return `An image classifier of ${classes}: ${text(architecture ?? "a network")}, ${size}. Nothing is known of its training.`;
  }
  const { from, head, trainedParameters } = training;
  const net = head ? `a new head (${text(head)}) on the backbone ${text(from)}` : `the network ${text(from)}`;
  return (
    `An image classifier of ${classes}: ${net}, ${size}, of which ${whole(trainedParameters)} were trained, by ` +
    `[alignreg](https://github.com/alignreg/alignreg) ${text(training.alignreg)}.`
  );
}

/** Names of classes that are listed one by one; more are counted. */
const MOST_LISTED = 100;

export function trainedOn({ training, validation }: Described): string | null {
  if (!training) return null;
  const { data, method, regularizer, alignmentWeight, transforms, heldOut } = training;
  const counts = data.classes.map(([, count]) => count);
  const listed =
    data.classes.length <= MOST_LISTED
      ? data.classes.map(([name, count]) => `${text(name)} (${whole(count)})`).join(", ")
      : `${whole(Math.min(...counts))} to ${whole(Math.max(...counts))} of each of ${whole(data.classes.length)}`;
  const alignment = regularizer ? `, alignment by \`${regularizer}\` with λ = ${alignmentWeight}` : "";
  const kept = validation?.epoch ? `; the weights are those of epoch ${validation.epoch}` : "";
  const shifts = transforms
    ? `Under the shifts ${text(transforms.name)}, ${transforms.views} views of each image.`
    : "Without shifts: images as they are.";
  return lines(
    `## Training`,
    ``,
    `- Data: ${text(data.name)}, ${whole(data.images)} images, sha256 \`${data.sha256}\`.`,
    `- Images of each class: ${listed}.`,
    heldOut &&
      `- Held out of ${whole(heldOut.of)} images: ${whole(heldOut.validation)} for validation, ${whole(heldOut.test)} for the test.`,
    `- Method \`${method}\`${alignment}. ${shifts}`,
    `- ${training.epochs} epochs${kept}; batches of ${training.batchSize}, ${text(training.optimizer)} at a rate of ` +
      `${training.learningRate}, seed ${training.seed}.`,
    training.licence &&
      `- The backbone's licence: ${text(training.licence)}. What of it binds this model and the images is for you to look up.`,
  );
}

export function pictures({ input, pictures: rule }: Described): string {
  const { imageShape, range, mean, std, channelOrder, layout, normalization } = input ?? {};
  const [channels, height, width] = imageShape ?? [];
  const size = imageShape
    ? `${height}×${width} pixels (height × width), ${channels === 1 ? "grey" : channels === 3 ? "colour" : `${channels} channels`}`
    : "any size: the model does not say which it was trained on";
  const normalized =
    mean && std
      ? `minus ${mean.join(", ")}, divided by ${std.join(", ")} (by channel)`
      : normalization === "in graph"
        ? "normalised by the graph itself"
        : "nothing more";
  return lines(
    `## Pictures`,
    ``,
    `- ${size}.`,
    `- ${rule ? howArranged(rule) : "Nobody has said how pictures come to that size; here they are stretched."}`,
    `- Into the graph: \`float32\` ${layout === "NHWC" ? "[N, height, width, channels]" : "[N, channels, height, width]"}, pixels from 0 to ` +
      `${range ?? 1}, ${channelOrder === "bgr" ? "blue, green, red" : "red, green, blue"}; ${normalized}.`,
    `- Colour profiles are ignored, transparency is dropped.`,
  );
}

function howArranged(rule: NonNullable<Described["pictures"]>): string {
  const { resize, cropShare, interpolation, isUpright } = decidedRule(rule);
  const how = {
    stretch: "Pictures are stretched to it",
    crop:
      cropShare === 1
        ? "The greatest part of its shape in the middle of a picture is brought to it"
        : `The middle of a picture, ${percent(cropShare)} of its shorter side, is brought to it`,
    pad: "Whole pictures are brought into it, with black around them",
  }[resize];
  const turned = isUpright
    ? "turned upright by their EXIF orientation"
    : "as they are stored, whatever their EXIF orientation";
  return `${how}, by Pillow's ${interpolation} kernel (antialiased), ${turned}.`;
}

export function results({ validation, calibration, temperature }: Described, test: CardTest | null): string {
  const scores = validation?.scores ?? null;
  const columns = [
    ...(scores ? [{ title: `validation, ${whole(scores.images)} images`, scores }] : []),
    ...(test ? [{ title: `test, ${whole(test.images)} images`, scores: test }] : []),
  ];
  const figures =
    columns.length > 0
      ? table(
          ["95 % intervals", ...columns.map(({ title }) => title)],
          [
            ["clean accuracy", ...columns.map((column) => within(column.scores.clean))],
            ["robust accuracy", ...columns.map((column) => within(column.scores.robust))],
            ["invariance", ...columns.map((column) => score(column.scores.invariance))],
          ],
        )
      : validation
        ? `On the validation images ${percent(validation.clean)} are right as they are, ${percent(validation.robust)} under every shift.`
        : "It was not validated, and nothing is known of how often it is right. Test it: `alignreg evaluate`.";
  return lines(
    `## Results`,
    ``,
    figures,
    ``,
    columns.length > 0 &&
      `_Robust_: right under every shift. _Invariance_: how far an image's views stay closest to that image. The best epoch was chosen on ` +
        `the validation images, which flatters it a little${test ? "" : "; there is no test here"}.`,
    test && `The test: ${text(test.data)}, sha256 \`${test.sha256}\`, under ${text(test.transforms)}.`,
    ``,
    ...confusionLines(test ?? scores, test ? "test" : "validation"),
    `### Calibration`,
    ``,
    calibration
      ? `Logits are divided by the temperature ${(temperature ?? 1).toFixed(4)} before the softmax, which takes the expected calibration error on ` +
          `the validation images from ${percent(calibration.before)} to ${percent(calibration.after)}. Under shifts probabilities stay too high as a rule.`
      : temperature && temperature !== 1
        ? `Logits are divided by the temperature ${temperature.toFixed(4)} before the softmax.`
        : "No temperature was fitted: probabilities are those of the softmax, which are too high as a rule.",
    test?.calibration &&
      `On the test images it is ${percent(test.calibration.before)} without it${test.calibration.after === null ? "" : `, ${percent(test.calibration.after)} with it`}.`,
  );
}

function confusionLines(scores: TestScores | null, part: string): string[] {
  if (!scores) return [];
  const { names, matrix, mistakes } = scores.confusions;
  if (matrix && names.length > 0) {
    return [
      `### What is taken for what`,
      ``,
      `Images of the ${part} as they are, by class (row) and answer (column).`,
      ``,
      table(
        ["", ...names.map(text)],
        matrix.map((counts, i) => [text(names[i]), ...counts.map(whole)]),
      ),
      ``,
    ];
  }
  if (mistakes.length === 0) return [`No image of the ${part} was taken for another class.`, ``];
  return [
    `### What is taken for what`,
    ``,
    `The most frequent mistakes on the images of the ${part} as they are.`,
    ``,
    table(
      ["class", "answer", "images"],
      mistakes.map(({ label, answer, images }) => [text(label), text(answer), whole(images)]),
    ),
    ``,
  ];
}

export const notFor = ({ classNames, training }: Described): string =>
  lines(
    `## What it is not for`,
    ``,
    `- Pictures of anything but its classes: it names one of them whatever it is shown` +
      `${classNames && classNames.length <= MOST_LISTED ? ` (${classNames.map(text).join(", ")})` : ""}.`,
    `- Pictures of another kind than ${training ? `the ${whole(training.data.images)} it was trained on` : "those it was trained on, which are not known"}: other cameras, ` +
      `drawings, screens, other places.`,
    `- Shifts that are not named above: their robust accuracy says nothing of others.`,
    `- Decisions about people, health or safety, for which it was not tested.`,
  );
