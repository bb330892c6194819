/** Folders of images by class: which files there are (folder-layout.ts), and their pixels. */
import { checkLimit } from "../options/index.ts";
import { UsageError, sizeOf } from "../tensor/index.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { allPixels, fileSource } from "./file-source.ts";
import { openFolderLayout } from "./folder-layout.ts";
import { type ImageFolderOptions, checkImageFolderOptions, ruleIn } from "./image-folder-options.ts";
import { openLabelsLayout } from "./labels/index.ts";
import { type OpenedFiles, openFiles } from "./opened-files.ts";
import type { DataSource } from "./source.ts";

export type { ImageFolderOptions } from "./image-folder-options.ts";

/** Opens a folder of images by class, as {@link openFolderLayout} finds them; null when it holds none. */
export async function openImageFolder(
  directory: string,
  options: ImageFolderOptions = {},
): Promise<Required<DataSource> | null> {
  checkImageFolderOptions(options);
  const { labels, labelColumns } = options;
  const layout =
    labels === undefined
      ? await openFolderLayout(directory)
      : await openLabelsLayout(directory, labels, labelColumns);
  if (!layout) return null;
  return {
    splits: layout.splits,
    read: async (split) => readFiles(await openFiles(await layout.files(split), options)),
    open: async (split) => fileSource(await openFiles(await layout.files(split), options)),
  };
}

/** All files' pixels at once. */
async function readFiles(opened: OpenedFiles): Promise<Dataset> {
  const { listed, shape, settings, notes } = opened;
  const { name, files, labels, classNames, isUnsplit } = listed;
  if (settings.transformBeforeCrop) {
    throw new UsageError(
      `${name}: transforms are to come before the crop, and loadData holds images as they are cut. Read them by openData.`,
    );
  }
  checkLimit(
    "datasetBytes",
    files.length * sizeOf(shape),
    `${name}, ${files.length} images of ${shape.join("×")},`,
  );
  const pixels = await allPixels(opened);
  const pictures = ruleIn(settings);
  return datasetFromArrays({ name, shape, pixels, labels, classNames, files, notes, isUnsplit, pictures });
}
