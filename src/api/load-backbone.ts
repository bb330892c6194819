/** A pretrained network to put a new head on: one of the packages by name, or a file. */
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Classifier } from "../models/index.ts";
import { checkString, isRecord } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { LoadClassifierOptions } from "./load-classifier-options.ts";
import { loadClassifier } from "./load-classifier.ts";
import { addressAdvice, isAddress } from "./model-source.ts";

/** Backbones that there are packages of. */
export const backbonePackages: Readonly<Record<string, string>> = {
  "efficientnet-lite0": "@alignreg/backbone-efficientnet-lite0",
};

/** Under which licence each of them is. */
export const backboneLicences: Readonly<Record<string, string>> = {
  "efficientnet-lite0": "Apache-2.0 (LICENSE and NOTICE are in @alignreg/backbone-efficientnet-lite0)",
};

/**
 * Reads a pretrained classifier.
 *
 * @param source  name of a backbone, as "efficientnet-lite0", whose package is installed; or the path of anything that
 *                `loadClassifier` reads
 * @throws UsageError for a name whose package is not installed, with how to install it; else as `loadClassifier` does
 */
export async function loadBackbone(source: string, options: LoadClassifierOptions = {}): Promise<Classifier> {
  checkString("loadBackbone", "source", source, "the name of a backbone or the path of a file");
  return loadClassifier(await backbonePath(source), options);
}

/** Where a backbone's file lies. A file or folder of that name goes before a package. */
async function backbonePath(source: string): Promise<string> {
  const isThere = await stat(source).then(
    () => true,
    () => false,
  );
  if (isThere) return source;
  if (isAddress(source)) throw new UsageError(addressAdvice(source));
  if (!Object.hasOwn(backbonePackages, source)) {
    throw new UsageError(
      `There is no backbone "${source}", and no file at this path. Choose one of: ${Object.keys(backbonePackages).join(", ")}; or give the ` +
        `path of an ONNX or Keras file, or of a TensorFlow.js or Teachable Machine folder or zip.`,
    );
  }
  const name = backbonePackages[source];
  const entry = resolved(name);
  if (entry === undefined) {
    throw new UsageError(
      `The backbone "${source}" is in a package that is not installed. Install it: npm install --ignore-scripts ${name}`,
    );
  }
  const exports: unknown = await import(pathToFileURL(entry).href);
  if (isRecord(exports) && exports.model instanceof URL) return fileURLToPath(exports.model);
  throw new UsageError(
    `The package ${name} at ${entry} does not say where its model is. Install it anew: npm install --ignore-scripts ${name}`,
  );
}

/** The package's module, as it is found from the user's folder or from ours; undefined where it is not installed. */
function resolved(name: string): string | undefined {
  // In a bundle of CommonJS modules import.meta has no url.
  const own = import.meta.url as string | undefined;
  for (const from of [join(process.cwd(), "here.js"), own]) {
    if (from === undefined) continue;
    try {
      return createRequire(from).resolve(name);
    } catch (error) {
      if (!isRecord(error) || error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}
