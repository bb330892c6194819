import { defineMethod } from "../define-method.ts";

/** vwa + λ·R(f(x), f(a*(x))); with squared l2 the method that the paper recommends. */
export const rwa = defineMethod({
  name: "rwa",
  title: "regularized worst-case augmentation",
  views: "worst-case",
  isRegularized: true,
});
