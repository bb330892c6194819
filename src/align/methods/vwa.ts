import { defineMethod } from "../define-method.ts";

/** CE(f(x), y) + CE(f(a*(x)), y), a* = argmax over the family of CE(f(a(x)), y). */
export const vwa = defineMethod({
  name: "vwa",
  title: "vanilla worst-case augmentation",
  views: "worst-case",
  isRegularized: false,
});
