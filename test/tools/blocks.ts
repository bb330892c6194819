import { blockSize } from "../../src/train/block-size.ts";

/** Channels in a block of this processor's direct convolutions; null where it has none. */
export const block = await blockSize();

/** Why blocks cannot be tested; null where they can. That x64 has them is a test of its own (src/train/block-size.test.ts). */
export const noBlocks =
  block === null
    ? `no blocked convolutions: ONNX Runtime has none for this processor (${process.arch})`
    : null;
