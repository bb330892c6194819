import { basename, extname, join, resolve } from "node:path";
import { checkLimit } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { agreedClassNames } from "./class-folders.ts";
import { normalizedClassName } from "./class-names.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { type ImageHeader, decodeImage, readImageHeader } from "./image-file.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { type Channels, writePlanar } from "./planar.ts";
import type { DataSource, Split } from "./source.ts";

export interface ImageFolderOptions {
  /** Stretch every image to [height, width] pixels, or to a square. Default: as stored, all of one size. */
  readonly size?: number | readonly [height: number, width: number];
  /** 1 for grey, 3 for colour. Default: 1 when every image of the split is grey, else 3. */
  readonly channels?: Channels;
}

export const imageExtensions = [".png", ".jpg", ".jpeg"];

/** Files being read at once: enough to keep sharp's threads busy, few enough to bound memory. */
const concurrency = 8;

/**
 * Opens a folder of images by class, as `DIR/train/CLASS/*.png` and `DIR/test/CLASS/*.png`, or `DIR/CLASS/*.png`,
 * which serves as either split; null when it holds no such folders. Classes are numbered by name. Both splits have the
 * same ones; an empty folder stands for a class that a split has no images of.
 */
export async function openImageFolder(
  directory: string,
  options: ImageFolderOptions = {},
): Promise<DataSource | null> {
  const size = checkedSize(options.size);
  checkChannels(options.channels);
  const name = basename(resolve(directory));
  const splits = await findSplits(directory);

  if (splits.length === 0) {
    const { folders } = await listFolder(directory);
    // Images straight in train/ and test/ are a split without labels, not two classes of those names.
    const areClasses = folders.some((folder) => folder !== "train" && folder !== "test");
    if (!areClasses || !(await holdsImages(directory, folders))) return null;
    return {
      async read() {
        const classNames = agreedClassNames(directory, [{ place: "", folders }]);
        return readClasses({ name, directory, classNames, folders, isUnsplit: true });
      },
    };
  }
  return {
    async read(split) {
      const found = splits.find((candidate) => candidate.split === split);
      if (found === undefined) {
        throw new DataError(
          `${directory} has no ${split} split: looked for ${join(directory, split)}/CLASS/, found only ` +
            `${splits.map((other) => `${other.split}/`).join(", ")}. Add the folder, or pass a folder of class ` +
            `folders, which serves as either split.`,
        );
      }
      const places = splits.map((each) => ({ place: `${each.split}/`, folders: each.classes }));
      return readClasses({
        name: `${name}/${split}`,
        directory: join(directory, split),
        classNames: agreedClassNames(directory, places),
        folders: found.classes,
        mayLack: splits.length > 1,
      });
    },
  };

  async function readClasses(classes: ClassFolders): Promise<Dataset> {
    const samples = await findSamples(classes);
    const headers = await mapConcurrently(samples, concurrency, ({ file }) => readImageHeader(file));
    const [height, width] = size ?? commonSize(samples, headers);
    const channels = options.channels ?? (headers.every((header) => header.channels === 1) ? 1 : 3);
    const imageSize = channels * height * width;
    checkLimit("imagePixels", height * width, `An image of ${height}×${width}`);
    checkLimit(
      "datasetBytes",
      samples.length * imageSize,
      `${classes.name}, ${samples.length} images of ${channels}×${height}×${width},`,
    );
    const pixels = new Uint8Array(samples.length * imageSize);
    await mapConcurrently(samples, concurrency, async ({ file }, i) => {
      const stored = headers[i].channels;
      const interleaved = await decodeImage(file, { height, width, channels: stored });
      writePlanar(interleaved, stored, channels, pixels.subarray(i * imageSize, (i + 1) * imageSize));
    });
    return datasetFromArrays({
      name: classes.name,
      shape: [channels, height, width],
      pixels,
      labels: samples.map((sample) => sample.label),
      classNames: classes.classNames,
      isUnsplit: classes.isUnsplit,
    });
  }
}

/** `train` and `test` are splits when they hold folders; with images in them, beside others, they are classes. */
async function findSplits(directory: string): Promise<{ split: Split; classes: readonly string[] }[]> {
  const { folders } = await listFolder(directory);
  const present = (["train", "test"] as const).filter((split) => folders.includes(split));
  const found = await Promise.all(
    present.map(async (split) => ({ split, classes: (await listFolder(join(directory, split))).folders })),
  );
  return found.filter(({ classes }) => classes.length > 0);
}

async function holdsImages(directory: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    if ((await listFolder(join(directory, folder))).files.some(isImage)) return true;
  }
  return false;
}

const isImage = (file: string): boolean => imageExtensions.includes(extname(file).toLowerCase());

interface ClassFolders {
  /** The data set's name. */
  readonly name: string;
  readonly directory: string;
  readonly classNames: readonly string[];
  /** As the file system names them. */
  readonly folders: readonly string[];
  /** Whether an empty folder may stand for a class without images. */
  readonly mayLack?: boolean;
  readonly isUnsplit?: boolean;
}

interface Sample {
  readonly file: string;
  readonly label: number;
}

async function findSamples({ directory, classNames, folders, mayLack }: ClassFolders): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const name of folders) {
    const folder = join(directory, name);
    const found = await listFolder(folder);
    const { files } = found;
    const images = files.filter(isImage);
    const isEmpty = files.length + found.folders.length === 0;
    if (images.length === 0 && !(mayLack && isEmpty)) {
      throw new DataError(
        `The class folder ${folder} has no images: looked for *${imageExtensions.join(", *")}; found ` +
          `${files.slice(0, 3).join(", ") || "no files"}. Add images or remove the folder.`,
      );
    }
    const label = classNames.indexOf(normalizedClassName(name));
    for (const image of images) samples.push({ file: join(folder, image), label });
  }
  if (samples.length === 0) throw new DataError(`${directory} has no images: its class folders are empty.`);
  return samples;
}

function commonSize(samples: readonly Sample[], headers: readonly ImageHeader[]): [number, number] {
  const [{ height, width }] = headers;
  const odd = headers.findIndex((header) => header.height !== height || header.width !== width);
  if (odd >= 0) {
    throw new DataError(
      `${samples[odd].file} is ${headers[odd].height}×${headers[odd].width} pixels (height × width) and ` +
        `${samples[0].file} is ${height}×${width}. Pass a size to stretch every image to.`,
    );
  }
  return [height, width];
}

function checkedSize(size: ImageFolderOptions["size"]): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  const sides = typeof size === "number" ? ([size, size] as const) : size;
  if (sides.length !== 2 || !sides.every((side) => Number.isInteger(side) && side >= 1)) {
    throw new UsageError(
      `Image size ${size} is not possible. Give one or two whole numbers of pixels from 1.`,
    );
  }
  return sides;
}

function checkChannels(channels: number | undefined): void {
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new UsageError(`Images cannot have ${channels} channels. Use 1 for grey or 3 for colour.`);
  }
}
