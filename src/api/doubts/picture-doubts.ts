import type { ImageSource } from "../../data/index.ts";
import type { PictureRule, StatedPictures } from "../../tensor/index.ts";

/** Pictures that came to their size by another rule than the one that the model says. */
export function pictureDoubts(stated: StatedPictures | undefined, data: ImageSource, name: string): string[] {
  const { pictures } = data;
  if (!stated || !pictures) return [];
  const keys = ["resize", "cropShare", "interpolation", "exif", "transformBeforeCrop"] as const;
  const differing = keys.filter((key) => stated[key] !== undefined && stated[key] !== pictures[key]);
  if (differing.length === 0) return [];
  const shown = (rule: Partial<PictureRule>) =>
    differing.map((key) => `${key} ${rule[key] ?? false}`).join(", ");
  return [
    `${name} says ${shown(stated)} of its pictures; those of ${data.name} were read with ${shown(pictures)}. Scores may differ for ` +
      `it. loadData's like reads them as the model says.`,
  ];
}
