/** Image files as a source of images: decoded at once and kept where they fit into memory, else when their turn comes. */
import { createHash } from "node:crypto";
import { limitOf, limitVariable } from "../options/index.ts";
import { type ImageReader, copyMiddle, middleReader, sizeOf } from "../tensor/index.ts";
import { DecodedQueue, decodesAtOnce } from "./decoded-queue.ts";
import { DataError } from "./errors.ts";
import { checkIndices, checkRoom, writeUnit } from "./gather.ts";
import { ruleIn } from "./image-folder-options.ts";
import { imageHash } from "./image-hash.ts";
import type { ImageSource } from "./image-source.ts";
import type { OpenedFiles } from "./opened-files.ts";
import { eachFile } from "./readable-files.ts";

/** Of the memory that is free when a folder is opened, what its pixels may take. */
const SHARE = 1 / 4;
/** Images that are decoded before they are asked for take no more, as bytes. */
const AHEAD_BYTES = 128 * 2 ** 20;

/**
 * Whether the pixels are kept or decoded again and again, their values, hash and order are the same.
 *
 * @throws DataError that names all files that cannot be read, where they are kept
 */
export async function fileSource(opened: OpenedFiles): Promise<ImageSource> {
  const { listed, shape } = opened;
  const bytes = listed.files.length * sizeOf(opened.decodedShape);
  const room = Math.min(limitOf("heldBytes"), SHARE * process.availableMemory());
  const isHeld = bytes <= room;
  const note =
    `${listed.name}: ${counted(listed.files.length)} images are decoded each time they are read, as their pixels, ` +
    `${megabytes(bytes)}, are more than is kept in memory (at most ${limitVariable("heldBytes")}, and a quarter of what is free).`;
  const { name, files, labels, classNames, isUnsplit } = listed;
  const source: ImageSource = {
    name,
    shape,
    labels,
    classNames,
    files,
    contents: opened.sha256,
    isUnsplit,
    pictures: ruleIn(opened.settings),
    hash: hashOf(opened),
    notes: isHeld ? opened.notes : [...opened.notes, note],
    ...cropped(opened, isHeld ? await heldImages(opened) : streamedImages(opened, listed)),
  };
  return source;
}

type Images = Required<Pick<ImageSource, "read" | "imageHashes">> & Pick<ImageSource, "readAhead">;

/** Images as they are decoded, of which those of the source are the middle; the same ones, unless transforms come before the crop. */
function cropped(
  { shape, decodedShape }: OpenedFiles,
  images: Images,
): Images & Pick<ImageSource, "surround"> {
  const surround: Pick<ImageReader, "shape" | "read"> = { shape: decodedShape, read: images.read };
  if (sizeOf(shape) === sizeOf(decodedShape)) return images;
  return { ...images, surround, read: middleReader(surround, shape) };
}

/** The hash of an image, of what was decoded of its file. */
function hashOfImage({ shape, decodedShape }: OpenedFiles, decoded: Uint8Array): string {
  if (sizeOf(shape) === sizeOf(decodedShape)) return imageHash(decoded);
  const image = new Uint8Array(sizeOf(shape));
  copyMiddle(decoded, decodedShape, shape, image);
  return imageHash(image);
}

async function heldImages(opened: OpenedFiles): Promise<Images> {
  const pixels = await allPixels(opened);
  const imageSize = sizeOf(opened.decodedShape);
  const imageAt = (index: number) => pixels.subarray(index * imageSize, (index + 1) * imageSize);
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- what is wrong is a rejection
    async read(indices, out) {
      checkIndices(opened.listed, indices, "read");
      checkRoom({ shape: opened.decodedShape }, indices, out);
      for (let i = 0; i < indices.length; i++) writeUnit(imageAt(indices[i]), out, i * imageSize);
    },
    imageHashes: (indices) =>
      Promise.resolve(Array.from(indices, (index) => hashOfImage(opened, imageAt(index)))),
  };
}

/** What is decoded of all files, [N, C, H, W]. @throws DataError that names all files that cannot be read */
export async function allPixels(opened: OpenedFiles): Promise<Uint8Array> {
  const { files } = opened.listed;
  const imageSize = sizeOf(opened.decodedShape);
  const pixels = new Uint8Array(files.length * imageSize);
  await eachFile(files, decodesAtOnce(), async (_, i) => pixels.set(await opened.pixels(i), i * imageSize));
  return pixels;
}

function streamedImages(opened: OpenedFiles, { files }: OpenedFiles["listed"]): Images {
  const imageSize = sizeOf(opened.decodedShape);
  /** Of the images that were decoded once: who wants them all need not decode them again. */
  const hashes = new Array<string | undefined>(files.length).fill(undefined);
  const queue = new DecodedQueue(
    async (index) => {
      const pixels = await opened.pixels(index);
      hashes[index] ??= hashOfImage(opened, pixels);
      return pixels;
    },
    Math.max(1, Math.floor(AHEAD_BYTES / imageSize)),
  );
  return {
    async read(indices, out) {
      checkIndices(opened.listed, indices, "read");
      checkRoom({ shape: opened.decodedShape }, indices, out);
      const writes = Array.from(indices, async (index, i) =>
        writeUnit(await queue.pixels(index), out, i * imageSize),
      );
      await allOrNamed(writes);
    },
    readAhead: (indices) => queue.readAhead(indices),
    async imageHashes(indices) {
      await allOrNamed(
        Array.from(indices, async (index) => {
          if (hashes[index] === undefined) await queue.pixels(index);
        }),
      );
      return Array.from(indices, (index) => hashes[index]!);
    },
  };

  /** One file that cannot be read is seldom alone: all are looked at, so that they are one message. */
  async function allOrNamed(reads: readonly Promise<void>[]): Promise<void> {
    const failed = (await Promise.allSettled(reads)).find((each) => each.status === "rejected");
    if (!failed) return;
    const reason: unknown = failed.reason;
    if (reason instanceof DataError) await eachFile(files, decodesAtOnce(), (_, i) => opened.pixels(i));
    throw reason;
  }
}

/** Of all that decides the images, their order and labels; known before one is decoded. */
function hashOf({ listed, settings, shape, sha256 }: OpenedFiles): string {
  const { classNames, labels } = listed;
  const chosen = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify({ shape, classNames, settings: chosen, count: labels.length }))
    .update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength))
    .update(sha256.join())
    .digest("hex");
}

const counted = (n: number): string => n.toLocaleString("en");
const megabytes = (bytes: number): string => `${counted(Math.round(bytes / 1e6))} MB`;
