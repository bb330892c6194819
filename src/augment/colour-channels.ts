import { type ImageBatch, UsageError } from "../tensor/index.ts";

/**
 * Checks that images are red, green and blue, for families that would leave grey ones as they are: each of their
 * members would equal the identity, and whoever trained or tested on them would believe to have been robust.
 *
 * @throws UsageError
 */
export function requireColour(familyName: string, { shape }: ImageBatch): void {
  if (shape[1] === 3) return;
  const grey = shape[1] === 1 ? `On grey images every one of its members would equal the identity. ` : "";
  throw new UsageError(
    `Family "${familyName}" needs red, green and blue; images [${shape}] have ${count(shape[1])}. ${grey}` +
      `Choose another family, such as contrast or brightness.`,
  );
}

/** Checks that images are grey, or red, green and blue. @throws UsageError */
export function requireGreyOrColour(familyName: string, { shape }: ImageBatch): void {
  if (shape[1] === 1 || shape[1] === 3) return;
  throw new UsageError(
    `Family "${familyName}" needs grey images or red, green and blue; images [${shape}] have ` +
      `${count(shape[1])}. Choose another family, such as contrast or brightness.`,
  );
}

const count = (channels: number): string => `${channels} channel${channels === 1 ? "" : "s"}`;

/** Luma of ITU-R BT.601 with torchvision's digits, which sum to 0.9999. */
export const greyLevel = (red: number, green: number, blue: number): number =>
  0.2989 * red + 0.587 * green + 0.114 * blue;
