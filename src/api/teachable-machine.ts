/** What Teachable Machine's image models take: its exports name their maker in metadata.json, and nothing of pixels. */
import { z } from "zod";
import type { Classifier, Preprocessing } from "../models/index.ts";

const schema = z.object({
  packageName: z.string().optional(),
  tmVersion: z.string().optional(),
  grayscale: z.boolean().optional(),
});

/**
 * x/127 − 1 of bytes x, of the greatest square in the middle of a picture, as its `capture` and `cropTo` have it
 * (@teachablemachine/image 0.8).
 *
 * @param files  of the export's folder, by name
 * @returns undefined for any other folder
 */
export function teachablePixels(
  files: ReadonlyMap<string, Uint8Array>,
): (Preprocessing & Pick<Classifier, "pictures">) | undefined {
  const found = schema.safeParse(jsonOf(files.get("metadata.json")));
  if (!found.success) return undefined;
  const { packageName = "", tmVersion, grayscale } = found.data;
  if (!packageName.includes("teachablemachine") && tmVersion === undefined) return undefined;
  const each = Array<number>(grayscale ? 1 : 3).fill(127);
  return { inputRange: 255, normalization: { mean: each, std: each }, pictures: { resize: "crop" } };
}

function jsonOf(bytes: Uint8Array | undefined): unknown {
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
