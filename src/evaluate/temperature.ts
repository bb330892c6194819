/**
 * Temperature scaling: one number T by which all logits are divided, so that probabilities are as high as answers are often right
 * (Guo, Pleiss, Sun & Weinberger, ICML 2017). Answers stay what they are.
 */

/** Temperatures that are looked at; what would lie outside says of a few images no more than that they are few. */
const [LEAST, MOST] = [1 / 20, 20];

/** Images below which a temperature would be chance. */
const FEWEST = 20;

/** Why there is none, the rest of a sentence. */
export interface NoTemperature {
  readonly none: string;
}

/**
 * The T > 0 with the least mean cross-entropy of logits / T. In 1/T that is convex; its derivative, the mean of Σ p z − z_label, is
 * brought to 0 by Newton's method within a bracket.
 *
 * @param logits  [N, K] row-major, of images that the model was not trained on
 * @param labels  [N]
 */
export function fitTemperature(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
): { readonly temperature: number } | NoTemperature {
  const count = labels.length;
  if (count < FEWEST) return { none: `${count} images are too few to say, ${FEWEST} are needed` };
  let [low, high] = [1 / MOST, 1 / LEAST];
  if (slopeAt(high, logits, labels, classes).slope <= 0) {
    return { none: "the answers are right as good as always, so that nothing says how sure they may be" };
  }
  if (slopeAt(low, logits, labels, classes).slope >= 0) {
    return { none: "the answers are no better than chance, and no probability is right of them" };
  }
  let inverse = 1;
  for (let step = 0; step < 100; step++) {
    const { slope, curvature } = slopeAt(inverse, logits, labels, classes);
    if (slope > 0) high = inverse;
    else low = inverse;
    const newton = inverse - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const isFound = Math.abs(next - inverse) <= 1e-12 * inverse;
    inverse = next;
    if (isFound) break;
  }
  return { temperature: 1 / inverse };
}

/** First and second derivative of the mean cross-entropy in 1/T. */
function slopeAt(
  inverse: number,
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
): { readonly slope: number; readonly curvature: number } {
  let [slope, curvature] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const top = row.reduce((most, z) => Math.max(most, z), -Infinity);
    let [sum, first, second] = [0, 0, 0];
    for (const z of row) {
      // About the largest, so that squares of large logits lose nothing.
      const below = z - top;
      const odds = Math.exp(inverse * below);
      sum += odds;
      first += odds * below;
      second += odds * below * below;
    }
    const mean = first / sum;
    slope += mean - (row[labels[i]] - top);
    curvature += second / sum - mean * mean;
  }
  return { slope: slope / labels.length, curvature: curvature / labels.length };
}
