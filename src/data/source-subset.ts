import { createHash } from "node:crypto";
import { checkIndices } from "./gather.ts";
import type { ImageSource } from "./image-source.ts";

/** What of a source changes for a part of it. */
export interface PartFacts {
  readonly name: string;
  readonly notes?: readonly string[];
  /** Default: as the whole. */
  readonly isUnsplit?: boolean;
}

/** The samples of a source at `indices`, in that order: a list of indices over it, no copy. */
export function sourceSubset(source: ImageSource, indices: ArrayLike<number>, facts: PartFacts): ImageSource {
  const own = Uint32Array.from(indices);
  const placesOf = (places: ArrayLike<number>): Uint32Array => {
    checkIndices(part, places, "read");
    return Uint32Array.from(places, (place) => own[place]);
  };
  const part: ImageSource = {
    shape: source.shape,
    classNames: source.classNames,
    isUnsplit: source.isUnsplit,
    ...(source.pictures && { pictures: source.pictures }),
    ...facts,
    labels: Int32Array.from(own, (index) => source.labels[index]),
    ...(source.files && { files: Array.from(own, (index) => source.files![index]) }),
    ...(source.contents && { contents: Array.from(own, (index) => source.contents![index]) }),
    get hash() {
      return createHash("sha256").update(source.hash).update(new Uint8Array(own.buffer)).digest("hex");
    },
    read: async (places, out, step) => source.read(placesOf(places), out, step),
    ...(source.surround && {
      surround: {
        shape: source.surround.shape,
        read: async (places, out, step) => source.surround!.read(placesOf(places), out, step),
      },
    }),
    ...(source.readAhead && {
      readAhead: (places: ArrayLike<number>) => source.readAhead!(placesOf(places)),
    }),
    ...(source.imageHashes && {
      imageHashes: async (places: ArrayLike<number>) => source.imageHashes!(placesOf(places)),
    }),
  };
  return part;
}
