import type { Channels } from "./planar.ts";

/** What a file's header says of its image. */
export interface ImageHeader {
  /** Of the picture as it is used: upright, where its orientation is applied. */
  readonly height: number;
  readonly width: number;
  /** 1 for grey, with or without transparency; 3 for everything else, a palette of greys included. */
  readonly channels: Channels;
  /** Its orientation is applied. */
  readonly isTurned: boolean;
}
