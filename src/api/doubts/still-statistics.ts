import type { Graph } from "../../onnx/index.ts";
import type { Tensor } from "../../tensor/index.ts";

/**
 * Running variances that a training left as they were: every batch had a single value for each channel, so that in training
 * the layer gave nothing but its bias, and tests use statistics of other weights.
 *
 * @param graph  as it was before the training
 * @param names  statistics that training moves
 */
export function stillStatisticsDoubts(
  { initializers, nodes }: Graph,
  names: readonly string[],
  weights: ReadonlyMap<string, Tensor>,
): string[] {
  const variances = new Set(
    nodes.flatMap(({ opType, inputs }) => (opType === "BatchNormalization" ? inputs.slice(4, 5) : [])),
  );
  const still = names.filter((name) => {
    const [before, after] = [initializers.get(name), weights.get(name)];
    return variances.has(name) && before && after && after.data.every((value, i) => value === before.data[i]);
  });
  if (still.length === 0) return [];
  return [
    `BatchNormalization had a single value for each channel in every batch, and its running statistics did not move ` +
      `(${still.slice(0, 3).join(", ")}${still.length > 3 ? ", …" : ""}): what was trained is not what is tested. Give a ` +
      `batch size of 2 or more, or freeze those layers (trainable).`,
  ];
}
