import { defineMethod } from "../define-method.ts";

/** va + λ·R(f(x), f(a(x))). */
export const rva = defineMethod({
  name: "rva",
  title: "regularized vanilla augmentation",
  views: "random",
  isRegularized: true,
});
