import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { HeldOut } from "../data/index.ts";
import type { Classifier } from "../models/index.ts";
import { AlignregError } from "../tensor/index.ts";
import { heldOutKey } from "./held-out-key.ts";
import { loadClassifier } from "./load-classifier.ts";

const contents = z.array(z.string().regex(/^[0-9a-f]{10}$/));

const heldOutSchema = z.object({
  data: z.string(),
  images: z.number(),
  validation: contents,
  test: contents,
});

/** A classifier that says which images its training held out. */
export const withHeldOut = (model: Classifier, heldOut: HeldOut): Classifier => ({
  ...model,
  metadata: { ...model.metadata, [heldOutKey]: JSON.stringify(heldOut) },
});

/**
 * What the training of a model held out; null where it does not say. A form of the model that cannot say is asked by the model.onnx
 * of the same run.
 */
export async function readHeldOut(
  path: string,
  options: { readonly output?: string } = {},
): Promise<HeldOut | null> {
  return (await heldOutIn(path, options)) ?? heldOutBeside(path);
}

async function heldOutIn(path: string, options: { readonly output?: string }): Promise<HeldOut | null> {
  try {
    const { metadata = {} } = await loadClassifier(path, options);
    if (!Object.hasOwn(metadata, heldOutKey)) return null;
    return heldOutSchema.parse(JSON.parse(metadata[heldOutKey]));
  } catch (error) {
    // What cannot be read `evaluate` says more of; what is damaged says nothing.
    if (error instanceof AlignregError || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

async function heldOutBeside(path: string): Promise<HeldOut | null> {
  const model = join(dirname(path), "model.onnx");
  const isRun = existsSync(model) && existsSync(join(dirname(path), "manifest.json"));
  return isRun && !path.endsWith("model.onnx") ? heldOutIn(model, {}) : null;
}
