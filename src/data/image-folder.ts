import { basename, join, resolve } from "node:path";
import { checkLimit } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { agreedClassNames } from "./class-folders.ts";
import { classFiles, imageExtensions, isStray, leftOutNotes } from "./class-files.ts";
import { normalizedClassName } from "./class-names.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { type ImageHeader, decodeImage, readImageHeader } from "./image-file.ts";
import { type Channels, writePlanar } from "./planar.ts";
import { eachFile } from "./readable-files.ts";
import { loadSharp } from "./sharp.ts";
import type { DataSource, Split } from "./source.ts";

export interface ImageFolderOptions {
  /** Stretch every image to [height, width] pixels, or to a square. Default: as stored, all of one size. */
  readonly size?: number | readonly [height: number, width: number];
  /** 1 for grey, 3 for colour. Default: 1 when every image of the split is grey, else 3. */
  readonly channels?: Channels;
  /**
   * One image as a model takes it: its size and channels are read where `size` or `channels` do not say otherwise. Other
   * sources than folders of images have their own, and leave it aside.
   */
  readonly like?: readonly [channels: number, height: number, width: number];
}

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
    const folders = (await listFolder(directory)).folders.filter((folder) => !isStray(folder));
    // Images straight in train/ and test/ are a split without labels, not two classes of those names.
    const areClasses = folders.some((folder) => splitOf(folder) === undefined);
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
            `${splits.map((other) => `${other.folder}/`).join(", ")}. Add the folder, or pass a folder of class ` +
            `folders, which serves as either split.`,
        );
      }
      const places = splits.map((each) => ({ place: `${each.folder}/`, folders: each.classes }));
      return readClasses({
        name: `${name}/${split}`,
        directory: join(directory, found.folder),
        classNames: agreedClassNames(directory, places),
        folders: found.classes,
        mayLack: splits.length > 1,
      });
    },
  };

  async function readClasses(classes: ClassFolders): Promise<Dataset> {
    const { samples, others } = await findSamples(classes);
    const files = samples.map(({ file }) => file);
    // Where it is missing that is one error, not one for each file.
    await loadSharp();
    const headers = await eachFile(files, concurrency, readImageHeader);
    const { like } = options;
    const [height, width] = size ?? like?.slice(1) ?? commonSize(samples, headers);
    const stored = headers.every((header) => header.channels === 1) ? 1 : 3;
    const channels = options.channels ?? (like?.[0] === 1 || like?.[0] === 3 ? like[0] : stored);
    const isStretched = headers.some((header) => header.height !== height || header.width !== width);
    const notes =
      size === undefined && like !== undefined && isStretched
        ? [`${classes.name}: images are stretched to ${height}×${width} pixels, which the model takes.`]
        : [];
    const imageSize = channels * height * width;
    checkLimit("imagePixels", height * width, `An image of ${height}×${width}`);
    checkLimit(
      "datasetBytes",
      samples.length * imageSize,
      `${classes.name}, ${samples.length} images of ${channels}×${height}×${width},`,
    );
    const pixels = new Uint8Array(samples.length * imageSize);
    await eachFile(files, concurrency, async (file, i) => {
      const own = headers[i].channels;
      const interleaved = await decodeImage(file, { height, width, channels: own });
      writePlanar(interleaved, own, channels, pixels.subarray(i * imageSize, (i + 1) * imageSize));
    });
    return datasetFromArrays({
      name: classes.name,
      shape: [channels, height, width],
      pixels,
      labels: samples.map((sample) => sample.label),
      classNames: classes.classNames,
      files,
      notes: [...leftOutNotes(classes.name, others), ...notes],
      isUnsplit: classes.isUnsplit,
    });
  }
}

/** `train` and `test` are splits when they hold folders; with images in them, beside others, they are classes. */
async function findSplits(directory: string): Promise<FoundSplit[]> {
  const { folders } = await listFolder(directory);
  const found: FoundSplit[] = [];
  for (const wanted of ["train", "validation", "test"] as const) {
    const present = folders.filter((folder) => splitOf(folder) === wanted);
    const holding: FoundSplit[] = [];
    for (const folder of present) {
      const inside = (await listFolder(join(directory, folder))).folders.filter((name) => !isStray(name));
      if (inside.length > 0) holding.push({ split: wanted, folder, classes: inside });
    }
    if (holding.length > 1) {
      throw new DataError(
        `${directory} has ${holding.map(({ folder }) => `${folder}/`).join(" and ")}, which both name the ${wanted} split. ` +
          `Join them, or rename one.`,
      );
    }
    found.push(...holding);
  }
  // A class may be called "val"; a folder beside it that names no split says so.
  return found.some(({ split }) => split !== "validation") ? found : [];
}

interface FoundSplit {
  readonly split: Split | "validation";
  /** As the file system names it. */
  readonly folder: string;
  readonly classes: readonly string[];
}

/** The split that a folder is called after, in any case; undefined for another name. */
function splitOf(folder: string): FoundSplit["split"] | undefined {
  const name = folder.toLowerCase();
  if (name === "train" || name === "test") return name;
  return name === "val" || name === "valid" || name === "validation" ? "validation" : undefined;
}

async function holdsImages(directory: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    if ((await classFiles(join(directory, folder))).images.length > 0) return true;
  }
  return false;
}

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

async function findSamples({
  directory,
  classNames,
  folders,
  mayLack,
}: ClassFolders): Promise<{ samples: Sample[]; others: string[] }> {
  const samples: Sample[] = [];
  const left: string[] = [];
  for (const name of folders) {
    const folder = join(directory, name);
    const { images, others } = await classFiles(folder);
    const isEmpty = others.length === 0;
    if (images.length === 0 && !(mayLack && isEmpty)) {
      throw new DataError(
        `The class folder ${folder} has no images: looked for *${imageExtensions.join(", *")}; found ` +
          `${
            others
              .slice(0, 3)
              .map((file) => basename(file))
              .join(", ") || "no files"
          }. Add images or remove the folder.`,
      );
    }
    const label = classNames.indexOf(normalizedClassName(name));
    for (const file of images) samples.push({ file, label });
    left.push(...others);
  }
  if (samples.length === 0) throw new DataError(`${directory} has no images: its class folders are empty.`);
  return { samples, others: left };
}

function commonSize(samples: readonly Sample[], headers: readonly ImageHeader[]): [number, number] {
  const [{ height, width }] = headers;
  const odd = headers.findIndex((header) => header.height !== height || header.width !== width);
  if (odd >= 0) {
    throw new DataError(
      `${samples[odd].file} is ${headers[odd].height}×${headers[odd].width} pixels (height × width) and ` +
        `${samples[0].file} is ${height}×${width}. Pass a size (size, --image-size) to stretch every image to.`,
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
