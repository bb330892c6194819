import { wholeSides } from "../../data/arrange.ts";
import type { Described } from "../sidecar/describe.ts";
import { type SnippetPlan, decidedRule } from "./plan.ts";

/** Names that a snippet holds itself, in characters; longer lists it reads from the file beside the model. */
const MOST_CHARACTERS = 2000;

/**
 * How a model is run by whoever has nothing of ours; or why no snippet can say it, the end of a sentence.
 *
 * @param file         the ONNX file's name; null where the model is no ONNX file
 * @param sidecarFile  of the file beside it
 * @param batch        images that the graph takes at a time, where it holds to a number
 */
export function snippetPlan(
  { input, output, classNames, temperature, pictures }: Described,
  file: string | null,
  sidecarFile: string,
  batch: number | null,
): SnippetPlan | { readonly none: string } {
  const { name, layout, imageShape, range, channelOrder, mean, std } = input ?? {};
  if (file === null || !name)
    return { none: "it is no ONNX file: alignreg export --to onnx writes one, and --to card its card" };
  if (!output) return { none: "its logits are inside the graph, and no output gives them back" };
  if (!imageShape) return { none: "it does not say the size of its images (--image-size)" };
  const [channels, height, width] = imageShape;
  if (channels !== 1 && channels !== 3) return { none: `its images have ${channels} channels` };
  if (batch !== null && batch !== 1) return { none: `it takes ${batch} images at a time` };
  const { resize, cropShare, interpolation, isUpright } = decidedRule(pictures ?? { resize: "stretch" });
  const whole = wholeSides({ height, width }, resize === "crop" ? cropShare : 1);
  const isLong = classNames ? JSON.stringify(classNames).length > MOST_CHARACTERS : false;
  const each = (values: readonly number[] | null | undefined) =>
    values ? Array.from({ length: channels }, (_, c) => values[c] ?? values[0]) : null;
  return {
    file,
    input: name,
    channelsLast: layout === "NHWC",
    image: [channels, height, width],
    range: range ?? 1,
    isReversed: channelOrder === "bgr",
    mean: each(mean),
    std: each(std),
    output,
    names: classNames && !isLong ? classNames : null,
    namesFile: isLong ? sidecarFile : null,
    temperature: temperature ?? 1,
    resize,
    interpolation,
    whole: [whole.height, whole.width],
    isUpright,
  };
}
