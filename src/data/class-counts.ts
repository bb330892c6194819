import type { ImageSource } from "./image-source.ts";
import { listed } from "./listed.ts";

/** How many samples each class has, in the order of the class names; those without a label count nowhere. */
export function classCounts({ labels, classNames }: Pick<ImageSource, "labels" | "classNames">): number[] {
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) if (label >= 0) counts[label]++;
  return counts;
}

/** As in "5 of each of 4 classes", or, where they differ, "ant: 6, bee: 5"; of those classes that `counts` has, a long list cut. */
export function describeCounts(counts: readonly (readonly [className: string, count: number])[]): string {
  const [[name, first]] = counts;
  if (counts.length === 1) return `${first} of the class ${name}`;
  if (counts.every(([, count]) => count === first)) return `${first} of each of ${counts.length} classes`;
  return listed(counts.map(([className, count]) => `${className}: ${count}`));
}
