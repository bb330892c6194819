/** Image files that were read once, for their headers and hashes, and are decoded when somebody wants their pixels. */
import { createHash } from "node:crypto";
import { type DecodeSettings, decodedShapeOf, imageShapeOf } from "./decode-settings.ts";
import { decodesAtOnce } from "./decoded-queue.ts";
import { endsEarly } from "./ends-early.ts";
import { DataError } from "./errors.ts";
import { decodeImage, readImageHeader } from "./image-file.ts";
import { type ImageFolderOptions, asStored, decodeSettings, exifOf } from "./image-folder-options.ts";
import type { LabelledFiles } from "./labelled-files.ts";
import { readBytes } from "./read-bytes.ts";
import { eachFile } from "./readable-files.ts";
import { loadSharp } from "./sharp.ts";

export interface OpenedFiles {
  readonly listed: LabelledFiles;
  readonly settings: DecodeSettings;
  /** Of one image. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Of what is decoded of a file: the image, or more of the picture, whose middle it is. */
  readonly decodedShape: readonly [channels: number, height: number, width: number];
  /** What was left out, guessed or chosen, a sentence each. */
  readonly notes: readonly string[];
  /** [N], of each file's bytes, hex. */
  readonly sha256: readonly string[];
  /**
   * Decodes a file to bytes of `decodedShape`.
   *
   * @throws DataError that names it where it cannot be decoded, is gone, or has changed since it was opened
   */
  pixels(index: number): Promise<Uint8Array>;
}

/** @throws DataError that names all files that are no images, or are cut off */
export async function openFiles(listed: LabelledFiles, options: ImageFolderOptions): Promise<OpenedFiles> {
  const { files } = listed;
  // Where it is missing that is one error, not one for each file.
  await loadSharp();
  const found = await eachFile(files, decodesAtOnce(), async (file) => {
    const bytes = await readBytes(file);
    const header = await readImageHeader(file, bytes, exifOf(options));
    // Now rather than in the middle of a training.
    if (endsEarly(bytes)) await decodeImage(file, bytes, asStored(header));
    return { sha256: hashOf(bytes), header };
  });
  const headers = found.map(({ header }) => header);
  const { settings, notes } = decodeSettings(listed, headers, options);
  const sha256 = found.map((each) => each.sha256);
  return {
    listed,
    settings,
    shape: imageShapeOf(settings),
    decodedShape: decodedShapeOf(settings),
    notes: [...listed.notes, ...notes],
    sha256,
    async pixels(index) {
      const file = files[index];
      const bytes = await readBytes(file);
      if (hashOf(bytes) !== sha256[index]) {
        throw new DataError(
          `${file} has changed since the data set was opened: it was another file then. Start again, and leave the ` +
            `folder alone meanwhile.`,
        );
      }
      return decodeImage(file, bytes, settings);
    },
  };
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
