import { AlignregError } from "../tensor/index.ts";

/** An ONNX file or graph that is malformed: truncated bytes, a cycle, a dangling name, a wrong attribute. */
export class ModelError extends AlignregError {}

/** A file that breaks ONNX's own rules: nothing can run it, and ONNX Runtime need not be asked. */
export class InvalidModelError extends ModelError {}

/** An operator that this project does not know where it has to. */
export class UnsupportedOpError extends AlignregError {
  readonly opType: string;
  readonly node: string;
  constructor(message: string, facts: { opType: string; node: string }) {
    super(message);
    this.opType = facts.opType;
    this.node = facts.node;
  }
}
