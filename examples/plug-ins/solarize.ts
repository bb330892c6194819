/**
 * A family of transforms of one's own: pixels above a threshold are inverted, as in a film exposed twice (solarize).
 *
 *   npx alignreg transforms ./solarize.ts                       Node 22.18 or newer; any other takes it as JavaScript
 *   npx alignreg train --method rwa --transforms ./solarize.ts
 */
import { defineFamily } from "../../src/index.ts"; // for you: from "alignreg"

export default defineFamily({
  name: "solarize",
  unit: "threshold",
  options: { thresholds: [0.5, 0.75] },
  members: ({ thresholds }) =>
    thresholds.map((threshold) => ({
      name: `solarize ${threshold}`,
      parameters: { threshold },
      apply: ({ data }, out = new Float32Array(data.length)) => {
        for (let i = 0; i < data.length; i++) out[i] = data[i] < threshold ? data[i] : 1 - data[i];
        return out;
      },
    })),
  // All pixels are below 1.01: that threshold changes nothing.
  range: { of: "thresholds", neutral: 1.01 },
  // Of a threshold near 0 is left little but the negative.
  mayChangeMeaning: ({ parameters: { threshold } }) => (threshold < 0.25 ? ["light and dark"] : []),
});
