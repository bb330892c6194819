import { basename } from "node:path";
import type { EvaluationResult } from "../api/index.ts";
import { type TransformFamily, memberNamed, viewOf } from "../augment/index.ts";
import { type ImageSource, imagesOf } from "../data/index.ts";
import { type Picture, renderTestReport } from "../report/index.ts";

/** The page of one test, with pictures of its hardest images. */
export async function testPage(
  model: string,
  data: ImageSource,
  family: TransformFamily,
  result: EvaluationResult,
): Promise<string> {
  const { hardest } = result;
  const at = (index: number) => imagesOf(data, [index]);
  const broken = hardest.broken.map(async ({ index, member }) => {
    const clean = await at(index);
    const transform = memberNamed(family, member)!;
    return { clean: picture(data, clean.data), view: picture(data, viewOf(transform, clean)) };
  });
  return renderTestReport({
    ...result,
    title: `${basename(model)} on ${data.name}`,
    dataset: data.name,
    family,
    pictures: {
      clean: await Promise.all(hardest.clean.map(async ({ index }) => picture(data, (await at(index)).data))),
      broken: await Promise.all(broken),
    },
  });
}

export const picture = (
  { shape: [channels, height, width] }: Pick<ImageSource, "shape">,
  pixels: Float32Array,
): Picture => ({ channels: channels === 3 ? 3 : 1, height, width, pixels });
