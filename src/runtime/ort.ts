/**
 * ONNX Runtime, in the realm that its native half belongs to.
 *
 * Jest and its like run modules in a context of their own, whose Float32Array is not Node's. The native half makes its arrays
 * in Node's realm, and the other half, loaded in the context, refuses them: "data must be type of Float32Array". There the
 * package is loaded once more, outside of the context, and arrays are handed over as views of the same memory.
 */
import { runInThisContext } from "node:vm";
import type * as ort from "onnxruntime-node";
import { type ArrayOf, type DType, ownArray } from "../tensor/index.ts";
import { noRuntime } from "./no-runtime.ts";
import { disableTelemetry } from "./no-telemetry.ts";

export interface Realm {
  readonly ort: typeof ort;
  /** A typed array as one of the realm's, over the same memory. */
  readonly own: <Value extends ArrayOf[DType]>(array: Value) => Value;
}

let loaded: Promise<Realm> | undefined;

/**
 * The realm that this module is in, or Node's where it is in another one. Loaded when the first graph runs: whatever runs none
 * works where the binary is missing.
 *
 * @throws RuntimeError that says what the platform lacks
 */
export const loadRuntime = (): Promise<Realm> => (loaded ??= load());

let version = "unknown";

/**
 * The version of onnxruntime-node, as it tells itself: where all else is one bundled file there is no package.json to ask.
 * "unknown" as long as no graph was run.
 */
export const runtimeVersion = (): string => version;

async function load(): Promise<Realm> {
  disableTelemetry();
  try {
    const realm = isNodes() ? { ort: await import("onnxruntime-node"), own: ownArray } : nodesRealm();
    const { env } = realm.ort;
    version = env.versions.node ?? version;
    // Its own log writes names out of files to the terminal as they are, in colour; the errors that it throws say the same. Who
    // set another level before has that.
    if (env.logLevel === "warning") env.logLevel = "fatal";
    return realm;
  } catch (cause) {
    throw noRuntime(cause);
  }
}

/** Whether the globals here are Node's own. */
function isNodes(): boolean {
  return runInThisContext("Float32Array") === Float32Array;
}

function nodesRealm(): Realm {
  const nodesProcess = runInThisContext("process") as NodeJS.Process;
  const { createRequire } = nodesProcess.getBuiltinModule("node:module");
  const load = createRequire(import.meta.url);
  const classes = new Map<string, new (buffer: ArrayBufferLike, start: number, length: number) => never>();
  return {
    ort: load("onnxruntime-node") as typeof ort,
    own: (array) => {
      const name = Object.prototype.toString.call(array).slice(8, -1);
      let Class = classes.get(name);
      if (Class === undefined) {
        Class = runInThisContext(name) as new (
          buffer: ArrayBufferLike,
          start: number,
          length: number,
        ) => never;
        classes.set(name, Class);
      }
      return new Class(array.buffer, array.byteOffset, array.length);
    },
  };
}
