import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { type Random, sizeOf } from "../../tensor/index.ts";
import type { CriticParameter } from "../critic.ts";

/** Parameters of a critic K -> hidden (ReLU) -> 1, uniform in ±1/√fan-in as torch.nn.Linear starts them. */
export function mlpParameters(features: number, hidden: number): CriticParameter[] {
  const uniform = (name: string, shape: readonly number[], fanIn: number): CriticParameter => ({
    name,
    shape,
    initial: (rng: Random) =>
      Float32Array.from({ length: sizeOf(shape) }, () => (2 * rng.uniform() - 1) / Math.sqrt(fanIn)),
  });
  return [
    uniform("hidden.weight", [features, hidden], features),
    uniform("hidden.bias", [hidden], features),
    uniform("output.weight", [hidden, 1], hidden),
    uniform("output.bias", [1], hidden),
  ];
}

/** The critic's value of each representation, [N, K] -> [N, 1]. */
export function mlp(g: GraphBuilder, [w1, b1, w2, b2]: readonly Value[], z: Value): Value {
  const hidden = g.op1("Relu", [g.add(g.matMul(z, w1), b1)]);
  return g.add(g.matMul(hidden, w2), b2);
}
