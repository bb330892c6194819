import { defineMethod } from "../define-method.ts";

/** CE(f(x), y) + CE(f(a(x)), y), a drawn per sample. */
export const va = defineMethod({
  name: "va",
  title: "vanilla augmentation",
  views: "random",
  isRegularized: false,
});
