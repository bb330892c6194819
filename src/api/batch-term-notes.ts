import { type Objective, hardestCount } from "../align/index.ts";

/**
 * Of a regularizer that is a term over a batch, that the batch's size matters.
 *
 * @param samples  images of a step
 * @param last     images of an epoch's last step; 0 where it is as large as the others
 */
export function batchTermNotes(
  { method, regularizer, hardest = 1 }: Objective,
  samples: number,
  last: number,
): string[] {
  if (!method.isRegularized || regularizer.kind !== "batch") return [];
  const counted = (images: number) => hardestCount(images, hardest);
  return [
    `The regularizer "${regularizer.name}" is a term over a whole batch: how many images it has matters (batchSize), here ` +
      `${counted(samples)} images${last > 0 && last < samples ? `, ${counted(last)} in an epoch's last step` : ""}. A step that goes in ` +
      `parts for want of memory computes it on all of them.`,
  ];
}
