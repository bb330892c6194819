/**
 * A regularizer of one's own: Huber's distance, squared near 0 and straight beyond δ, so that single far views count less.
 *
 *   npx alignreg train --method rwa --regularizer ./huber.ts:delta=2
 */
import { defineRegularizer } from "../../src/index.ts"; // for you: from "alignreg"

export default ({ delta = 1 }: { readonly delta?: number } = {}) =>
  defineRegularizer({
    name: "huber",
    options: { delta },
    distance(g, z, zView) {
      const size = g.op1("Abs", [g.sub(z, zView)]);
      const near = g.op1("Min", [size, g.scalar(delta)]);
      return g.sum(g.mul(near, g.sub(size, g.scale(near, 0.5))), [1]);
    },
    reference: (z, zView) =>
      z.map((row, i) =>
        row
          .map((value, k) => Math.abs(value - zView[i][k]))
          .reduce((sum, d) => sum + (d < delta ? d ** 2 / 2 : delta * (d - delta / 2)), 0),
      ),
  });
