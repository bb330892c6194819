/** The part of jstat 1.9 that is used here; it ships no types. */
declare module "jstat" {
  const jStat: {
    /** Regularised incomplete beta function I_x(a, b). */
    readonly ibeta: (x: number, a: number, b: number) => number;
    readonly studentt: {
      /** Quantile of Student's t distribution. */
      readonly inv: (probability: number, degreesOfFreedom: number) => number;
    };
  };
  export default jStat;
}
