/**
 * A gradient rule of one's own: a Round is passed straight through, so that what lies before it trains.
 *
 *   npx alignreg train --model quantized.onnx --gradients ./straight-through.ts
 */
import { defineGradient } from "../../src/index.ts"; // for you: from "alignreg"

export default defineGradient({ operator: "Round", rule: (_g, _node, [dy]) => [dy] });
