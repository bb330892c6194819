import type { Classifier } from "../models/index.ts";
import { isRecord } from "../options/index.ts";
import { isStatedPictures } from "../tensor/index.ts";

/**
 * What an exported folder says of the images that it takes, in model.json's userDefinedMetadata: pixels in [0, 1], and how pictures come
 * to their size. Nothing of a folder that says nothing.
 */
export function layersFacts(
  files: ReadonlyMap<string, Uint8Array>,
): Pick<Classifier, "normalizesItself" | "pictures"> {
  const own = ownFacts(files.get("model.json"));
  if (!isRecord(own)) return {};
  const isUnit = Array.isArray(own.pixels) && own.pixels.join() === "0,1";
  return {
    ...(isUnit && { normalizesItself: true }),
    ...(isStatedPictures(own.pictures) && { pictures: own.pictures }),
  };
}

function ownFacts(bytes: Uint8Array | undefined): unknown {
  try {
    const json: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes));
    const metadata = isRecord(json) ? json.userDefinedMetadata : undefined;
    return isRecord(metadata) ? metadata.alignreg : undefined;
  } catch {
    return undefined;
  }
}
