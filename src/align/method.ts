/** A training method of the paper, named by its parts; the objective and the trainer never ask which one they have. */
export interface Method {
  /** The paper's name. */
  readonly title: string;
  /**
   * What each step sees beside the clean images: nothing, a member of the family drawn per sample (never the
   * identity), or the member with the largest loss (the identity included).
   */
  readonly views: "none" | "random" | "worst-case";
  /** Whether λ·R(f(x), f(a(x))) is added. */
  readonly isRegularized: boolean;
}
