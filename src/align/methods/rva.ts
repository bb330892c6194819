import type { Method } from "../method.ts";

/** va + λ·R(f(x), f(a(x))). */
export const rva: Method = {
  title: "regularized vanilla augmentation",
  views: "random",
  isRegularized: true,
};
