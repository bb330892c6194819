/**
 * Fifty pictures as people have them, made when they are asked for: JPEGs of all eight orientations, baseline and progressive, with
 * colours at half size or in full, grey, inks; PNGs with transparency, palettes and 16 bits; WebP, GIF, BMP and AVIF; with colour
 * profiles; larger and smaller than networks take them, one pixel wide, panoramas. The same bytes on each machine with the same sharp.
 */
import sharp, { type Sharp } from "sharp";
import { random } from "../src/tensor/index.ts";

export interface Photograph {
  /** A file's name, whose ending says the format. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Why decoders differ in its pixels by a little; undefined where all of them make the same ones. */
  readonly differs?: string;
}

type Encode = (picture: Sharp, plain: Plain) => Promise<Uint8Array>;

interface Plain {
  readonly width: number;
  readonly height: number;
  /** Interleaved. */
  readonly data: Uint8Array;
  readonly channels: 3 | 4;
}

interface Made {
  readonly size: readonly [width: number, height: number];
  readonly encode: Encode;
  /** It has parts that are transparent, half or all, with colours under them. */
  readonly isTransparent?: boolean;
  readonly differs?: string;
}

const jpeg =
  (options: Parameters<Sharp["jpeg"]>[0], orientation?: number): Encode =>
  async (picture) =>
    heldAs(await picture.jpeg(options).toBuffer(), orientation);

const small = { quality: 90, chromaSubsampling: "4:2:0" } as const;
const full = { quality: 92, chromaSubsampling: "4:4:4" } as const;
const slow = { quality: 85, progressive: true } as const;

/** The sizes of the turned ones, in which each has both directions. */
const turnedSizes: readonly (readonly [number, number])[] = [
  [640, 480],
  [300, 451],
  [224, 224],
  [1024, 411],
  [97, 203],
  [480, 640],
  [225, 223],
  [333, 250],
];

const turned = (i: number, size: Made["size"], options: Parameters<Sharp["jpeg"]>[0]): Made => ({
  size,
  encode: jpeg(options, i + 1),
});

const profiled =
  (profile: string, write: (picture: Sharp) => Sharp): Encode =>
  (picture) =>
    write(picture.withIccProfile(profile)).toBuffer();

const avif = "AVIF's colours are computed by each decoder in its own way";

const all: Readonly<Record<string, Made>> = {
  ...Object.fromEntries(turnedSizes.map((size, i) => [`turned-${i + 1}.jpg`, turned(i, size, small)])),
  ...Object.fromEntries(
    turnedSizes.toReversed().map((size, i) => [`turned-slow-${i + 1}.jpg`, turned(i, size, slow)]),
  ),
  "full-colour.jpg": { size: [400, 300], encode: jpeg(full) },
  "full-colour-turned.jpg": { size: [401, 299], encode: jpeg(full, 6) },
  "grey.jpg": { size: [320, 240], encode: (picture) => picture.toColourspace("b-w").jpeg().toBuffer() },
  "grey-turned.jpg": {
    size: [240, 321],
    encode: (picture, plain) => jpeg({}, 8)(picture.toColourspace("b-w"), plain),
  },
  "wide-gamut.jpg": { size: [500, 375], encode: profiled("p3", (picture) => picture.jpeg()) },
  "wide-gamut-turned.jpg": {
    size: [375, 500],
    encode: (picture, plain) => jpeg(slow, 5)(picture.withIccProfile("p3"), plain),
  },
  "inks.jpg": { size: [256, 192], encode: (picture) => picture.toColourspace("cmyk").jpeg().toBuffer() },
  "turned-xmp.jpg": {
    size: [260, 200],
    encode: (picture) =>
      picture
        .withXmp(
          `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
            `<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>`,
        )
        .jpeg()
        .toBuffer(),
  },
  "one-wide.jpg": { size: [1, 300], encode: jpeg(full) },
  "one-high.jpg": { size: [300, 1], encode: jpeg(small, 6) },
  "tiny.jpg": { size: [31, 17], encode: jpeg(small) },
  "panorama.jpg": { size: [1600, 160], encode: jpeg(small, 3) },
  "large.jpg": { size: [2016, 1512], encode: jpeg(small, 6) },
  "colour.png": { size: [300, 200], encode: (picture) => picture.png().toBuffer() },
  "transparent.png": { size: [200, 300], isTransparent: true, encode: (picture) => picture.png().toBuffer() },
  "palette.png": {
    size: [240, 240],
    encode: (picture) => picture.png({ palette: true, colours: 64 }).toBuffer(),
  },
  "palette-transparent.png": {
    size: [180, 120],
    isTransparent: true,
    encode: (picture) => picture.png({ palette: true, colours: 32 }).toBuffer(),
  },
  "deep.png": {
    size: [230, 170],
    encode: (_, { data, width, height, channels }) => {
      // The lower bits are not the upper ones again.
      const deep = Uint16Array.from(data, (byte, i) => (byte << 8) | ((i * 37) & 255));
      const picture = sharp(deep, { raw: { width, height, channels } });
      return picture.toColourspace("rgb16").png().toBuffer();
    },
  },
  "grey.png": { size: [100, 150], encode: (picture) => picture.toColourspace("b-w").png().toBuffer() },
  "interlaced.png": { size: [257, 129], encode: (picture) => picture.png({ progressive: true }).toBuffer() },
  "wide-gamut.png": { size: [222, 333], encode: profiled("p3", (picture) => picture.png()) },
  "turned.png": {
    size: [250, 130],
    encode: (picture) => picture.withMetadata({ orientation: 7 }).png().toBuffer(),
  },
  "lossy.webp": { size: [640, 360], encode: (picture) => picture.webp({ quality: 80 }).toBuffer() },
  "turned.webp": {
    size: [200, 320],
    // With the profile that phones write: sRGB's.
    encode: (picture) => picture.withMetadata({ orientation: 6 }).webp({ quality: 85 }).toBuffer(),
  },
  "lossless.webp": { size: [260, 195], encode: (picture) => picture.webp({ lossless: true }).toBuffer() },
  "transparent.webp": {
    size: [300, 225],
    isTransparent: true,
    encode: (picture) => picture.webp({ quality: 80 }).toBuffer(),
  },
  "transparent-lossless.webp": {
    size: [225, 300],
    isTransparent: true,
    encode: (picture) => picture.webp({ lossless: true, exact: true }).toBuffer(),
  },
  "wide-gamut.webp": { size: [320, 200], encode: profiled("p3", (picture) => picture.webp()) },
  "few-colours.gif": { size: [288, 216], encode: (picture) => picture.gif({ colours: 64 }).toBuffer() },
  "bitmap.bmp": { size: [301, 200], encode: (_, plain) => Promise.resolve(bitmap(plain)) },
  "large.bmp": { size: [800, 600], encode: (_, plain) => Promise.resolve(bitmap(plain)) },
  "photograph.avif": {
    size: [400, 266],
    encode: (picture) => picture.avif({ quality: 70, effort: 2 }).toBuffer(),
    differs: avif,
  },
  "full-colour.avif": {
    size: [199, 301],
    encode: (picture) => picture.avif({ quality: 80, chromaSubsampling: "4:4:4", effort: 2 }).toBuffer(),
    differs: avif,
  },
  "wide-gamut.avif": {
    size: [320, 240],
    encode: profiled("p3", (picture) => picture.avif({ quality: 70, effort: 2 })),
    differs: avif,
  },
};

/** Names of all fifty, in the order of {@link fiftyPhotographs}. */
export const photographNames: readonly string[] = Object.keys(all);

export function fiftyPhotographs(): Promise<Photograph[]> {
  return Promise.all(photographNames.map(photograph));
}

/** One of the fifty. */
export async function photograph(name: string): Promise<Photograph> {
  const { encode, differs, isTransparent = false, size } = all[name];
  const plain = await scene(name, size, isTransparent);
  const { data, width, height, channels } = plain;
  const bytes = await encode(sharp(data, { raw: { width, height, channels } }), plain);
  return { name, bytes: new Uint8Array(bytes), differs };
}

/** Pixels of the picture before it is enlarged. */
const grain = 24;

/** Patches of colours with edges, brighter to one corner, and noise: no turn of it is like another. */
async function scene(
  name: string,
  [width, height]: readonly [number, number],
  isTransparent: boolean,
): Promise<Plain> {
  const rng = random(0, "photograph", name);
  const mean = [0, 1, 2].map(() => 60 + rng.integer(120));
  const coarse = Uint8ClampedArray.from({ length: grain * grain * 3 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3 / grain), Math.floor(i / 3) % grain];
    return mean[i % 3] + 3 * row + 2 * column - 60 + 100 * rng.uniform() - 50;
  });
  const smooth = await sharp(coarse, { raw: { width: grain, height: grain, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
  // A generator of less worth: there are millions of these.
  let state = 1 + rng.integer(2 ** 30);
  const noise = (): number => ((state = (Math.imul(state, 1664525) + 1013904223) | 0) >> 28) + 0.5;
  const channels = isTransparent ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    // A dark bar in a corner: an edge.
    const isDark = row < height / 5 && column < width / 3;
    for (let c = 0; c < 3; c++) {
      const value = smooth[3 * pixel + c] * (isDark ? 0.3 : 1) + noise();
      data[pixel * channels + c] = Math.min(255, Math.max(0, value));
    }
    if (isTransparent) data[pixel * channels + 3] = Math.min(255, Math.floor((600 * column) / width));
  }
  if (isTransparent) {
    for (let pixel = 0; pixel < width * height; pixel++)
      if (pixel % width < width / 6) data[4 * pixel + 3] = 0;
  }
  return { width, height, data, channels };
}

/** A Windows bitmap of 24 bits a pixel, the bottom row first. */
function bitmap({ width, height, data }: Plain): Uint8Array {
  const stride = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(54 + stride * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = 3 * ((height - 1 - row) * width + column);
      bytes.set([data[from + 2], data[from + 1], data[from]], 54 + row * stride + 3 * column);
    }
  }
  return bytes;
}

/** A JPEG with EXIF that says how the camera was held, in either order of bytes. */
function heldAs(bytes: Uint8Array, orientation?: number): Uint8Array {
  if (orientation === undefined) return bytes;
  const isLittle = orientation % 2 === 0;
  const exif = new Uint8Array(36);
  const view = new DataView(exif.buffer);
  view.setUint16(0, 0xffe1);
  view.setUint16(2, 34);
  exif.set(new TextEncoder().encode(isLittle ? "Exif\0\0II" : "Exif\0\0MM"), 4);
  view.setUint16(12, 42, isLittle);
  view.setUint32(14, 8, isLittle);
  // One entry: the orientation, one number of 16 bits.
  view.setUint16(18, 1, isLittle);
  view.setUint16(20, 0x0112, isLittle);
  view.setUint16(22, 3, isLittle);
  view.setUint32(24, 1, isLittle);
  view.setUint16(28, orientation, isLittle);
  return Uint8Array.from([...bytes.subarray(0, 2), ...exif, ...bytes.subarray(2)]);
}
