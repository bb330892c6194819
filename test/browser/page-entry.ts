/** What tests ask of `alignreg/browser` in a page, and what they compare pixels by. */
import { openPagePictures, takePicture } from "../../src/data/page/index.ts";
import type { PagePicture } from "../../src/data/page/page-picture.ts";
import type { ImageFolderOptions } from "../../src/data/image-folder-options.ts";
import * as alignreg from "../../src/browser.ts";

export * from "../../src/browser.ts";

/** Bytes [C, H, W] of a picture at its own size, or at the one that is asked for. */
async function decoded(picture: PagePicture, options: ImageFolderOptions = {}) {
  const taken = takePicture("decoded", "picture", picture);
  const opened = await openPagePictures("decoded", [taken], options);
  const error = opened.unreadable.get(0);
  if (error) throw error;
  const [pixels] = await opened.pixels([0]);
  if (pixels instanceof Error) throw pixels;
  return { ...opened.settings!, pixels };
}

/** The most by which a picture's bytes are off others. */
async function worstOff(picture: PagePicture, wanted: string, options?: ImageFolderOptions) {
  const expected = new Uint8Array(await (await fetch(wanted)).arrayBuffer());
  const { height, width, channels, pixels } = await decoded(picture, options);
  if (pixels.length !== expected.length)
    throw new Error(`${channels}×${height}×${width} pixels and not ${expected.length} numbers`);
  let most = 0;
  for (let i = 0; i < pixels.length; i++) most = Math.max(most, Math.abs(pixels[i] - expected[i]));
  return most;
}

Object.assign(globalThis, { alignreg, decoded, worstOff });
