import { createHash } from "node:crypto";
import os from "node:os";
import { type Classifier } from "../models/index.ts";
import { modelOf, writeModel } from "../onnx/index.ts";
import { runtimeVersion } from "../runtime/index.ts";
import { version } from "./version.ts";

/** What a result depends on: enough to run it again and to tell two results apart. */
export interface Manifest {
  /** The command line, or "library". */
  readonly command: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: { readonly name: string; readonly samples: number; readonly sha256: string };
  readonly model: { readonly name: string; readonly sha256: string };
  readonly versions: { readonly alignreg: string; readonly node: string; readonly onnxruntime: string };
  readonly machine: Machine;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
}

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
}

/** Describes a run that began at `startedAt` and ends now. */
export function manifestOf(run: {
  command?: string;
  config: Readonly<Record<string, unknown>>;
  data: { name: string; samples: number; sha256: string };
  model: { name: string; sha256: string };
  startedAt: Date;
}): Manifest {
  const { command = "library", startedAt, ...rest } = run;
  return {
    command,
    ...rest,
    versions: {
      alignreg: version,
      node: process.versions.node,
      onnxruntime: runtimeVersion(),
    },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: os.cpus()[0]?.model.trim() ?? "unknown",
      cores: os.availableParallelism(),
      memoryGB: Math.round(os.totalmem() / 2 ** 30),
    },
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 10) / 100,
  };
}

/** SHA-256 of bytes, in hex. */
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** SHA-256 of a file, or of a folder's files with their names. */
export function contentHash(content: Uint8Array | ReadonlyMap<string, Uint8Array>): string {
  if (content instanceof Uint8Array) return sha256(content);
  const hash = createHash("sha256");
  for (const [name, bytes] of [...content].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** SHA-256 of a classifier's ONNX file. */
export const classifierHash = ({ graph }: Classifier): string => sha256(writeModel(modelOf(graph)));
