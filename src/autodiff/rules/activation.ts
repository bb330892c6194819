import { float } from "../../onnx/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * y = max(x, 0): dx = dy where y > 0, else 0. At 0 the subgradient 0 is taken, as in PyTorch.
 *
 * HardSigmoid with a huge slope is a step function in one pass: exactly 0 at y = 0 and 1 above about 3e-39.
 */
export const relu: GradientRule = (g, { outputs: [y] }, [dy]) => {
  const step =
    y.dtype === "float32"
      ? g.op1("HardSigmoid", [y], { alpha: float(3e38), beta: float(0) })
      : g.cast(g.greater(y, g.full([], 0, y.dtype)), y.dtype);
  return [g.mul(dy, step)];
};
