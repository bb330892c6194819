const compiled = new URL("../../node_modules/.cache/compiled/cell-process.js", import.meta.url).href;

/** The hook of Node's that finds modules. */
export const resolve = (specifier, context, next) =>
  next(specifier.endsWith("/src/study/cell-process.ts") ? compiled : specifier, context);
