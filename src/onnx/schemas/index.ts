export { checkNode } from "./check-node.ts";
export { checkTypes } from "./check-types.ts";
