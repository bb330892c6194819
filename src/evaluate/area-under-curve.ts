/**
 * How well a score tells positives from negatives: the chance that one of the former has a higher score than one of the latter, ties
 * counting half, which is the area under the receiver operating characteristic (Hanley & McNeil, Radiology 1982). 0.5 says nothing.
 *
 * @param scores    [N]
 * @param positive  [N], 1 or 0
 * @returns         in [0, 1]; null without positives or without negatives
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a] - scores[b],
  );
  let [positives, below, pairs] = [0, 0, 0];
  for (let start = 0, end = 0; start < order.length; start = end) {
    let [tied, tiedPositives] = [0, 0];
    for (; end < order.length && scores[order[end]] === scores[order[start]]; end++) {
      tied++;
      tiedPositives += positive[order[end]];
    }
    const tiedNegatives = tied - tiedPositives;
    pairs += tiedPositives * (below + tiedNegatives / 2);
    positives += tiedPositives;
    below += tiedNegatives;
  }
  return positives === 0 || below === 0 ? null : pairs / (positives * below);
}
