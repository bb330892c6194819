import type { Method } from "../method.ts";

/** CE(f(x), y) + CE(f(a(x)), y), a drawn per sample. */
export const va: Method = { title: "vanilla augmentation", views: "random", isRegularized: false };
