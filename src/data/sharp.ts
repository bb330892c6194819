/**
 * sharp, loaded when the first picture is read. Its binary is a package for each platform, which an install may lack
 * (`--omit=optional`, an unknown processor): what needs no picture runs without it.
 */
import type sharp from "sharp";
import { DataError } from "./errors.ts";

let loaded: Promise<typeof sharp> | undefined;

/** @throws DataError that says how to install it */
export const loadSharp = (): Promise<typeof sharp> => (loaded ??= load());

async function load(): Promise<typeof sharp> {
  try {
    const { default: made } = await import("sharp");
    // Several images at once, each by one thread, are quicker than one image by several.
    made.concurrency(1);
    return made;
  } catch (cause) {
    const platform = `${process.platform} ${process.arch}`;
    throw new DataError(
      `Pictures cannot be read: the package sharp, or its binary for ${platform}, is not installed or does not load. ` +
        `Install it: npm install --ignore-scripts --include=optional sharp.`,
      { cause },
    );
  }
}
