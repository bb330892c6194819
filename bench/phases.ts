/**
 * A convolution and its pool as they are, and in four phases (docs/performance.md): least and middle time for an image on one thread, in µs,
 * their ratios, and the share of products by which src/lower/phases-to-run.ts decides.
 *
 *   npx tsx bench/phases.ts
 */
import { phasesToRun } from "../src/lower/index.ts";
import { type Graph, GraphBuilder } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { float32, random, sizeOf } from "../src/tensor/index.ts";

/** Channels in and out, kernel, side and padding. */
const layers = [
  [1, 6, 5, 28, 2],
  [1, 8, 3, 28, 1],
  [1, 10, 5, 28, 0],
  [1, 16, 5, 28, 2],
  [1, 20, 5, 28, 0],
  [3, 6, 5, 32, 0],
  [3, 8, 3, 32, 1],
  [3, 16, 3, 32, 1],
  [6, 8, 5, 14, 0],
  [6, 16, 5, 14, 0],
] as const;
const IMAGES = 50;

const rng = random(20261128, "phases");
const drawn = (shape: readonly number[]) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform() - 0.5),
  );
const blocked = (channels: number) => 16 * Math.ceil(channels / 16);

for (const [inputs, outputs, kernel, side, padding] of layers) {
  const g = new GraphBuilder();
  const shape = [IMAGES, inputs, side, side];
  const weight = g.initializer("weight", drawn([outputs, inputs, kernel, kernel]));
  const conv = g.op1(
    "Conv",
    [g.input("x", "float32", shape), weight, g.initializer("bias", drawn([outputs]))],
    {
      pads: Array<number>(4).fill(padding),
    },
  );
  const pooled = g.op1("MaxPool", [g.op1("Relu", [conv])], { kernel_shape: [2, 2], strides: [2, 2] });
  const whole: Graph = g.build("layer", { y: pooled });
  const phased = phasesToRun(whole, new Set(), () => true);
  const sessions = await Promise.all(
    [whole, phased].map((graph) => createSession(graph, { threads: 1, optimization: "all" })),
  );
  const times: number[][] = sessions.map(() => []);
  const x = drawn(shape);
  for (let round = 0; round < 120; round++) {
    for (const [i, session] of sessions.entries()) {
      const startedAt = performance.now();
      await session.run({ x });
      times[i].push((1000 * (performance.now() - startedAt)) / IMAGES);
    }
  }
  for (const session of sessions) await session.release();
  const [as, is] = times.map((taken) => taken.sort((a, b) => a - b)).map((taken) => [taken[0], taken[60]]);
  const share = (blocked(4 * outputs) * (kernel + 1) ** 2) / (4 * blocked(outputs) * kernel ** 2);
  const cells = [...as, ...is].map((time) => time.toFixed(1));
  console.log(
    [`${inputs}→${outputs}, ${kernel}×${kernel}, ${side}²`, ...cells].join("\t"),
    `\tratios ${(is[0] / as[0]).toFixed(2)} ${(is[1] / as[1]).toFixed(2)}\tshare ${share.toFixed(2)}`,
  );
}
