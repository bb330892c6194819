/** Pixels of whatever a canvas draws, red, green and blue, as the canvas' own bytes; in pieces, as canvases have limits. */
import { DataError } from "../errors.ts";
import { type Bitmap, type Canvas, type Context2d, type Gl, page } from "./page-types.ts";

/** Interleaved bytes [H, W, 3]. */
export interface DrawnPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The side of a piece: canvases of phones hold 16 million pixels, those of older ones 4096 a side. */
const PIECE = 2048;

interface Piece {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function piecesOf(width: number, height: number, side = PIECE): Piece[] {
  const pieces: Piece[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side)
      pieces.push({ left, top, width: Math.min(side, width - left), height: Math.min(side, height - top) });
  }
  return pieces;
}

/**
 * What a picture shows at this moment: drawn before the function returns.
 *
 * @throws DOMException "SecurityError" where the page may not read it
 */
export function drawnPixels(source: object, width: number, height: number): DrawnPixels {
  const data = new Uint8Array(3 * width * height);
  drawPieces(source, width, height, data);
  return { data, width, height };
}

/**
 * The pixels of a decoded file: colours as they are stored, under transparency too. A canvas that is drawn on forgets those; WebGL
 * does not.
 */
export async function bitmapPixels(bitmap: Bitmap): Promise<DrawnPixels> {
  const { width, height } = bitmap;
  const data = new Uint8Array(3 * width * height);
  const isOpaque = drawPieces(bitmap, width, height, data);
  if (!isOpaque) await readUnderTransparency(bitmap, data);
  return { data, width, height };
}

/** @returns whether all of it is opaque */
function drawPieces(source: object, width: number, height: number, data: Uint8Array): boolean {
  const context = context2d(Math.min(width, PIECE), Math.min(height, PIECE));
  let isOpaque = true;
  for (const piece of piecesOf(width, height)) {
    const { left, top } = piece;
    context.clearRect(0, 0, PIECE, PIECE);
    context.drawImage(source, -left, -top, width, height);
    const rgba = context.getImageData(0, 0, piece.width, piece.height).data;
    isOpaque = copyColours(rgba, piece, data, width) && isOpaque;
  }
  return isOpaque;
}

let hasWebgl: boolean | undefined;

/** Whether colours under transparency can be had. */
export function readsHiddenColours(): boolean {
  return (hasWebgl ??= withGl(() => Promise.resolve()) !== null);
}

/** The pieces again, by WebGL; left as they are where there is none. */
async function readUnderTransparency(bitmap: Bitmap, data: Uint8Array): Promise<void> {
  await withGl((gl) => readPieces(gl, bitmap, data));
}

/** Null where there is no WebGL. */
function withGl(use: (gl: Gl) => Promise<void>): Promise<void> | null {
  const gl = newCanvas(1, 1).getContext("webgl");
  if (!gl) return null;
  // Browsers keep few of them alive at once, and end the oldest: it may be the page's own.
  return use(gl).finally(() => gl.getExtension("WEBGL_lose_context")?.loseContext());
}

async function readPieces(gl: Gl, bitmap: Bitmap, data: Uint8Array): Promise<void> {
  const { width, height } = bitmap;
  const asStored = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
  for (const piece of piecesOf(width, height)) {
    const isWhole = piece.width === width && piece.height === height;
    const part = isWhole
      ? bitmap
      : await page.createImageBitmap!(bitmap, piece.left, piece.top, piece.width, piece.height, asStored);
    const rgba = texturePixels(gl, part, piece);
    if (!isWhole) part.close();
    if (rgba === null) return;
    copyColours(rgba, piece, data, width);
  }
}

/** Null where WebGL fails. */
function texturePixels(gl: Gl, bitmap: Bitmap, { width, height }: Piece): Uint8Array | null {
  const [texture, buffer] = [gl.createTexture(), gl.createFramebuffer()];
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const rgba = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  gl.deleteTexture(texture);
  gl.deleteFramebuffer(buffer);
  return gl.getError() === gl.NO_ERROR ? rgba : null;
}

/** Red, green and blue of a piece to their place. @returns whether it is opaque */
function copyColours(
  rgba: Uint8Array | Uint8ClampedArray,
  { left, top, width, height }: Piece,
  data: Uint8Array,
  across: number,
): boolean {
  let least = 255;
  for (let row = 0, from = 0; row < height; row++) {
    let to = 3 * ((top + row) * across + left);
    for (let column = 0; column < width; column++, from += 4) {
      data[to++] = rgba[from];
      data[to++] = rgba[from + 1];
      data[to++] = rgba[from + 2];
      least &= rgba[from + 3];
    }
  }
  return least === 255;
}

function context2d(width: number, height: number): Context2d {
  // Read by the processor, so drawn by it: what a graphics card rounds is left out.
  const context = newCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new DataError("This browser gives no canvas to read pixels by. Give an ImageData.");
  return context;
}

/** Safari before 16.4 has no OffscreenCanvas; a worker no document. */
function newCanvas(width: number, height: number): Canvas {
  if (page.OffscreenCanvas) return new page.OffscreenCanvas(width, height);
  if (page.document) return Object.assign(page.document.createElement("canvas"), { width, height });
  throw new DataError(
    "There is no canvas here to read pixels by (neither OffscreenCanvas nor document): pictures are decoded in a page or a " +
      "worker of a browser. Elsewhere give { data, width, height }.",
  );
}
