import { defineMethod } from "../define-method.ts";

/** CE(f(x), y). */
export const base = defineMethod({ name: "base", title: "Base", views: "none", isRegularized: false });
