export { RuntimeError } from "./errors.ts";
export { type ClassifierOptions, type ClassifierSession, type EmbeddedBatch } from "./classifier-on.ts";
export { openClassifier } from "./classifier-session.ts";
export { innerTensors } from "./inner-tensors.ts";
export {
  type ExecutionProvider,
  type Feeds,
  type Session,
  type SessionOptions,
  createSession,
} from "./session.ts";
export { innerValues } from "./inner-values.ts";
export { runtimeVersion } from "./ort.ts";
