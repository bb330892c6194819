/** Model cards: docs/export.md. */
export { CARD_NAME, type CardInput, modelCard } from "./card.ts";
export { fixedBatch } from "./fixed-batch.ts";
export { cardTest } from "./card-test.ts";
