import type { Method } from "../method.ts";

/** CE(f(x), y). */
export const base: Method = { title: "Base", views: "none", isRegularized: false };
