import { z } from "zod";
import { type ImageSource, imageSketch, sampleCount } from "../data/index.ts";
import { heldOutKey } from "./held-out-key.ts";

/** What a model says it was trained on, so that a test on the same images can be told. */
const trainedOnSchema = z.array(
  z.object({
    name: z.string(),
    samples: z.number(),
    /** The data set's hash. */
    sha256: z.string(),
    /** The least hashes of its images, hex: at most 512 of them. */
    sketch: z.array(z.string()),
  }),
);

export type TrainedOn = z.output<typeof trainedOnSchema>;

const key = "alignreg.trainedOn";

/** A model's metadata once it is trained on `data` as well; data that it names already is not named twice. */
export async function trainedOnMetadata(
  metadata: Readonly<Record<string, string>> | undefined,
  data: ImageSource,
): Promise<Record<string, string>> {
  const { name, hash } = data;
  const earlier = (readTrainedOn(metadata) ?? []).filter(({ sha256 }) => sha256 !== hash);
  const now = { name, samples: sampleCount(data), sha256: hash, sketch: [...(await imageSketch(data))] };
  // What an earlier training held out this one may have seen: whoever holds images out now says so anew.
  const kept = Object.entries(metadata ?? {}).filter(([name]) => name !== heldOutKey);
  return { ...Object.fromEntries(kept), [key]: JSON.stringify([...earlier, now] satisfies TrainedOn) };
}

/** Null where the metadata does not say. */
export function readTrainedOn(metadata: Readonly<Record<string, string>> = {}): TrainedOn | null {
  if (!Object.hasOwn(metadata, key)) return null;
  try {
    return trainedOnSchema.parse(JSON.parse(metadata[key]));
  } catch {
    // Somebody else's, or damaged: it is for a note only.
    return null;
  }
}
