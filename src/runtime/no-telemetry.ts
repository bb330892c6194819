import { runInThisContext } from "node:vm";

/**
 * ONNX Runtime tells its makers of its use, and keeps an identifier of the machine in ~/.cache/Microsoft for it; where the home
 * cannot be written it warns of that on stderr. Nothing here sends what nobody asked for: it is switched off, unless the
 * environment has a word on it. The runtime asks once, while it loads.
 */
export function disableTelemetry(): void {
  // Node's own: that of a test runner's context may be a copy, which native code does not see.
  const { env } = runInThisContext("process") as NodeJS.Process;
  env.ORT_DISABLE_TELEMETRY ??= "1";
}
