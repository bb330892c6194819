export {
  type ExecutionProvider,
  type Feeds,
  RuntimeError,
  type Session,
  type SessionOptions,
  createSession,
} from "./session.ts";
