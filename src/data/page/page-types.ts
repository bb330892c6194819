/**
 * What is used of a page: no library of types here declares it, as most of this package runs in Node. The real ones have these
 * members and more.
 */

/** An `ImageBitmap`. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}

interface BitmapOptions {
  readonly colorSpaceConversion?: "none";
  readonly premultiplyAlpha?: "none";
}

export interface Context2d {
  drawImage(source: object, ...places: number[]): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  clearRect(x: number, y: number, width: number, height: number): void;
}

export interface Canvas {
  getContext(kind: "2d", options: { readonly willReadFrequently: true }): Context2d | null;
  getContext(kind: "webgl"): Gl | null;
}

/** The few of WebGL's functions and numbers that reading pixels takes. */
export interface Gl {
  readonly TEXTURE_2D: number;
  readonly FRAMEBUFFER: number;
  readonly COLOR_ATTACHMENT0: number;
  readonly RGBA: number;
  readonly UNSIGNED_BYTE: number;
  readonly UNPACK_PREMULTIPLY_ALPHA_WEBGL: number;
  readonly UNPACK_COLORSPACE_CONVERSION_WEBGL: number;
  readonly NONE: number;
  readonly NO_ERROR: number;
  createTexture(): object;
  bindTexture(target: number, texture: object): void;
  pixelStorei(name: number, value: number | boolean): void;
  texImage2D(
    target: number,
    level: number,
    internal: number,
    format: number,
    type: number,
    source: object,
  ): void;
  createFramebuffer(): object;
  bindFramebuffer(target: number, buffer: object): void;
  framebufferTexture2D(target: number, attachment: number, texture: number, of: object, level: number): void;
  readPixels(
    x: number,
    y: number,
    width: number,
    height: number,
    format: number,
    type: number,
    into: Uint8Array,
  ): void;
  deleteTexture(texture: object): void;
  deleteFramebuffer(buffer: object): void;
  getExtension(name: "WEBGL_lose_context"): { loseContext(): void } | null;
  getError(): number;
}

interface PageGlobals {
  readonly createImageBitmap?: {
    (source: object, options?: BitmapOptions): Promise<Bitmap>;
    (
      source: object,
      x: number,
      y: number,
      width: number,
      height: number,
      options?: BitmapOptions,
    ): Promise<Bitmap>;
  };
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
  readonly document?: { createElement(name: "canvas"): Canvas & { width: number; height: number } };
  readonly location?: { readonly href: string };
}

export const page = globalThis as PageGlobals;
