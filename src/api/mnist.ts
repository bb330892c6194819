import { type Dataset, openMnist } from "../data/index.ts";

/**
 * MNIST: 60,000 training and 10,000 test digits, [1, 28, 28].
 *
 * @example
 * const data = await mnist();
 * const { model } = await fit(lenet(), data.train);
 */
export async function mnist(): Promise<{ train: Dataset; test: Dataset }> {
  const source = await openMnist();
  const [train, test] = await Promise.all([source.read("train"), source.read("test")]);
  return { train, test };
}
