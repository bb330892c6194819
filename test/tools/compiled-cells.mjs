/** What `--import` of this file does in a process: a study's cell runs from the compiled sources, not by a loader of TypeScript. */
import { register } from "node:module";

register("./compiled-cells-hooks.mjs", import.meta.url);
