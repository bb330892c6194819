/** Reads fixtures of images and what a transform makes of them, as tools/fixtures writes them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageBatch } from "../src/tensor/index.ts";

export interface ImageFixture<Case> {
  /** By name. */
  readonly images: Readonly<Record<string, ImageBatch>>;
  readonly cases: readonly Case[];
}

/** Reads e.g. `rotation.json`: images as base64 bytes of 0 … 255, and cases. */
export function readImageFixture<Case>(name: string): ImageFixture<Case> {
  const file = join(import.meta.dirname, "fixtures", name);
  const { images, cases } = JSON.parse(readFileSync(file, "utf8")) as {
    images: Record<string, { shape: [number, number, number, number]; pixels: string }>;
    cases: Case[];
  };
  const batches = Object.entries(images).map(([key, { shape, pixels }]): [string, ImageBatch] => [
    key,
    { shape, data: Float32Array.from(Buffer.from(pixels, "base64"), (byte) => byte / 255) },
  ]);
  return { images: Object.fromEntries(batches), cases };
}

/** float32 numbers from base64. */
export const floats = (base64: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
