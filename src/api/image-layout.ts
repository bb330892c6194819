import type { Graph } from "../onnx/index.ts";
import type { Shape } from "../tensor/index.ts";

/** Whether a graph takes these images, [C, H, W], with channels last only, as far as its input says. */
export function isChannelsLast({ inputs }: Graph, input: string, [channels, height, width]: Shape): boolean {
  const lengths = inputs.find(({ name }) => name === input)?.shape?.slice(1);
  const fits = (image: Shape) =>
    !lengths || lengths.every((n, i) => typeof n !== "number" || n < 1 || n === image[i]);
  return !fits([channels, height, width]) && fits([height, width, channels]);
}
