/** What is said of pictures that are not used as their files have them. */
import { resizes } from "../tensor/index.ts";
import { surroundingSize, wholeSides } from "./arrange.ts";
import type { DecodeSettings } from "./decode-settings.ts";
import type { ImageHeader } from "./image-header.ts";

/** Who chose what. */
interface Choices {
  /** An option says the size, the rule, what becomes of orientations, whether transforms come before the crop. */
  readonly size: boolean;
  readonly resize: boolean;
  readonly exif: boolean;
  readonly beforeCrop: boolean;
  /** A model says the size, the rule. */
  readonly modelSize: boolean;
  readonly modelResize: boolean;
}

/**
 * A line where pictures come to their size by what nobody gave, and one where some are turned upright.
 *
 * @param name  the data set's
 */
export function pictureNotes(
  name: string,
  headers: readonly ImageHeader[],
  settings: DecodeSettings,
  chosen: Choices,
): string[] {
  const { height, width, resize, cropShare } = settings;
  const isChanged =
    cropShare < 1 || headers.some((header) => header.height !== height || header.width !== width);
  const turned = headers.filter(({ isTurned }) => isTurned).length;
  const notes: string[] = [];
  if (isChanged && !(chosen.size && chosen.resize)) {
    const why =
      !chosen.resize && chosen.modelResize
        ? ", as the model says"
        : chosen.modelSize
          ? ", which the model takes"
          : "";
    const others = resizes.filter((other) => other !== resize).join(" or ");
    const otherwise = chosen.resize ? "" : `; --resize ${others} does otherwise`;
    notes.push(`${name}: pictures are ${howOf(settings)}${why}${otherwise}.`);
  }
  if (settings.transformBeforeCrop) {
    const around = surroundingSize(settings, settings);
    notes.push(
      `${name}: transforms are applied to ${around.height}×${around.width} pixels, of which the middle ${height}×${width} are then ` +
        `cut out${chosen.beforeCrop ? "" : ", as the model says; --no-transform-before-crop does otherwise"}.`,
    );
  }
  if (turned > 0 && !chosen.exif) {
    notes.push(
      `${name}: ${turned} of ${headers.length} pictures are turned upright, as their cameras say; --exif ignore leaves them ` +
        `as they are stored.`,
    );
  }
  return notes;
}

function howOf(settings: DecodeSettings): string {
  const { height, width, resize, cropShare } = settings;
  const size = `${height}×${width} pixels`;
  if (resize === "stretch") return `stretched to ${size}`;
  if (resize === "pad") return `brought whole into ${size}, black around`;
  const whole = wholeSides(settings, cropShare);
  const of =
    whole.height === whole.width ? `a shorter side of ${whole.height}` : `${whole.height}×${whole.width}`;
  return `cut to their middle, ${size}${cropShare < 1 ? ` of ${of}` : ""}`;
}
