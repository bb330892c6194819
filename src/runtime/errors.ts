import { AlignregError } from "../tensor/index.ts";

/** ONNX Runtime is missing, refused a graph, or failed while running one; `cause` has its own words. */
export class RuntimeError extends AlignregError {}
