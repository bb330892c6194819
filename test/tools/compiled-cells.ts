import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiled } from "./compiled.ts";

const moduleOf = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

/** The hook of Node's that finds modules: a cell's program is the compiled one. */
const hooks = moduleOf(`
  const compiled = ${JSON.stringify(pathToFileURL(join(compiled, "cell-process.js")).href)};
  export const resolve = (specifier, context, next) =>
    next(specifier.endsWith("/src/study/cell-process.ts") ? compiled : specifier, context);
`);
const register = moduleOf(`import { register } from "node:module"; register(${JSON.stringify(hooks)});`);

/**
 * Studies that this process runs from its sources have their cells in processes of the compiled ones, which start in a fifth
 * of the time that a loader of TypeScript takes.
 */
export const useCompiledCells = (): number => process.execArgv.push("--import", register);
