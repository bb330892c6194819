/** Folders of images by class: which files there are (folder-layout.ts), and their pixels. */
import { checkLimit } from "../options/index.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import type { DecodeSettings } from "./decode-settings.ts";
import { openFolderLayout } from "./folder-layout.ts";
import { decodeImage, readImageHeader } from "./image-file.ts";
import { type ImageFolderOptions, checkImageFolderOptions, decodeSettings } from "./image-folder-options.ts";
import type { LabelledFiles } from "./labelled-files.ts";
import { readBytes } from "./read-bytes.ts";
import { eachFile } from "./readable-files.ts";
import { loadSharp } from "./sharp.ts";
import type { DataSource } from "./source.ts";

export type { ImageFolderOptions } from "./image-folder-options.ts";

/** Files being read at once: enough to keep sharp's threads busy, few enough to bound memory. */
const concurrency = 8;

/** Opens a folder of images by class, as {@link openFolderLayout} finds them; null when it holds none. */
export async function openImageFolder(
  directory: string,
  options: ImageFolderOptions = {},
): Promise<DataSource | null> {
  checkImageFolderOptions(options);
  const layout = await openFolderLayout(directory);
  return layout && { read: async (split) => readFiles(await layout.files(split), options) };
}

/** All files' pixels at once. */
async function readFiles(listed: LabelledFiles, options: ImageFolderOptions): Promise<Dataset> {
  const { name, files, labels, classNames, isUnsplit } = listed;
  // Where it is missing that is one error, not one for each file.
  await loadSharp();
  const headers = await eachFile(files, concurrency, async (file) =>
    readImageHeader(file, await readBytes(file)),
  );
  const { settings, notes } = decodeSettings(listed, headers, options);
  return datasetFromArrays({
    name,
    shape: [settings.channels, settings.height, settings.width],
    pixels: await pixelsOf(listed, settings),
    labels,
    classNames,
    files,
    notes: [...listed.notes, ...notes],
    isUnsplit,
  });
}

/** [N, C, H, W] */
async function pixelsOf({ name, files }: LabelledFiles, settings: DecodeSettings): Promise<Uint8Array> {
  const { channels, height, width } = settings;
  const imageSize = channels * height * width;
  checkLimit(
    "datasetBytes",
    files.length * imageSize,
    `${name}, ${files.length} images of ${channels}×${height}×${width},`,
  );
  const pixels = new Uint8Array(files.length * imageSize);
  await eachFile(files, concurrency, async (file, i) => {
    pixels.set(await decodeImage(file, await readBytes(file), settings), i * imageSize);
  });
  return pixels;
}
