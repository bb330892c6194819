import { RuntimeError } from "./errors.ts";

/** For which platforms onnxruntime-node (1.30) brings a binary. */
const binaries: ReadonlySet<string> = new Set([
  "linux x64",
  "linux arm64",
  "win32 x64",
  "win32 arm64",
  "darwin arm64",
]);

/** Where a program runs: what decides which binary it needs. */
export interface Platform {
  /** As `process.platform` and `process.arch`: "linux x64". */
  readonly name: string;
  /** Whether the C library is another than glibc, as Alpine's musl. */
  readonly isMusl: boolean;
}

/** Why ONNX Runtime could not be loaded, and what to do. */
export function noRuntime(cause: unknown, { name, isMusl }: Platform = platformHere()): RuntimeError {
  return new RuntimeError(`ONNX Runtime cannot be loaded: ${reason()}`, { cause });

  function reason(): string {
    if (!binaries.has(name)) {
      const known = [...binaries].join(", ");
      return `the package onnxruntime-node has no binary for ${name}. Use a machine of one of: ${known}.`;
    }
    if (isMusl) {
      return (
        "its binary needs glibc, and this system has another C library, as Alpine has musl. " +
        "Use one with glibc: Debian, Ubuntu, the image node:22-slim."
      );
    }
    const [said] = String((cause as Error).message).split("\n");
    return `${said} Install it again: npm install --ignore-scripts --force onnxruntime-node.`;
  }
}

function platformHere(): Platform {
  const { platform, arch } = process;
  return { name: `${platform} ${arch}`, isMusl: platform === "linux" && !hasGlibc() };
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
