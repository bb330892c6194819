import type { Scores } from "../evaluate/index.ts";

/** What choices are made on: means over the search seeds, all on the validation part. Fractions in [0, 1]. */
export interface CandidateScores {
  readonly cleanAccuracy: number;
  readonly robustAccuracy: number;
  readonly invarianceScore: number;
}

/** One λ that was tried. */
export interface Candidate {
  readonly lambda: number;
  /** Null when one of its runs failed; such a λ is not chosen. */
  readonly scores: CandidateScores | null;
}

export interface ChoiceRule {
  readonly criterion: CriterionName;
  /** How much robust accuracy `invarianceAtAccuracy` may give up, as a fraction. */
  readonly tolerance: number;
}

type ScoredCandidate = Candidate & { readonly scores: CandidateScores };
type Criterion = (candidates: readonly ScoredCandidate[], tolerance: number) => ScoredCandidate;

/** Ways to choose λ, by name. Candidates come by rising λ; ties go to the smaller λ. */
export const criteria = {
  cleanAccuracy: (candidates) => greatest(candidates, "cleanAccuracy"),
  robustAccuracy: (candidates) => greatest(candidates, "robustAccuracy"),
  invarianceScore: (candidates) => greatest(candidates, "invarianceScore"),
  /** The greatest invariance score among those whose robust accuracy is within the tolerance of the best. */
  invarianceAtAccuracy(candidates, tolerance) {
    const best = greatest(candidates, "robustAccuracy").scores.robustAccuracy;
    // Accuracies are means of counts / N: a difference of just the tolerance must not fall to rounding.
    const isAccurate = ({ scores }: ScoredCandidate) => scores.robustAccuracy >= best - tolerance - 1e-12;
    return greatest(candidates.filter(isAccurate), "invarianceScore");
  },
} as const satisfies Record<string, Criterion>;

export type CriterionName = keyof typeof criteria;

/** The chosen λ; null when no candidate has scores. */
export function chooseLambda(candidates: readonly Candidate[], rule: ChoiceRule): number | null {
  const scored = candidates
    .filter((candidate): candidate is ScoredCandidate => candidate.scores !== null)
    .sort((a, b) => a.lambda - b.lambda);
  return scored.length === 0 ? null : criteria[rule.criterion](scored, rule.tolerance).lambda;
}

/** Means over the seeds of the search. */
export function meanScores(runs: readonly Scores[]): CandidateScores {
  const mean = (key: keyof CandidateScores) =>
    runs.reduce((sum, scores) => sum + scores[key].value, 0) / runs.length;
  return {
    cleanAccuracy: mean("cleanAccuracy"),
    robustAccuracy: mean("robustAccuracy"),
    invarianceScore: mean("invarianceScore"),
  };
}

/** The first of those with the greatest value. */
const greatest = (candidates: readonly ScoredCandidate[], key: keyof CandidateScores): ScoredCandidate =>
  candidates.reduce((best, candidate) => (candidate.scores[key] > best.scores[key] ? candidate : best));
