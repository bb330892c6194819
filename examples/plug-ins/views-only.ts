/**
 * A method of one's own: the cross-entropy of the worst views alone, and the alignment term; clean images are seen by that.
 *
 *   npx alignreg train --method ./views-only.ts
 */
import { defineMethod } from "../../src/index.ts"; // for you: from "alignreg"

export default defineMethod({
  name: "views-only",
  title: "worst views alone, aligned",
  views: "worst-case",
  isRegularized: true,
  loss: (g, { viewLosses, distances, alignmentWeight, mean }) =>
    g.add(mean(viewLosses!), g.mul(alignmentWeight, g.mean(distances!, [0]))),
});
