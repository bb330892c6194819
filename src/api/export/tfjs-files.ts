import type { StatedPictures } from "../../tensor/index.ts";
import { classLabels } from "./class-labels.ts";
import type { Exportable, LayersFiles } from "./exportable.ts";
import { shardedFiles } from "./layers-files.ts";
import { writtenLayers } from "./written-layers.ts";

/**
 * The folder: model.json, its weights, and metadata.json with the names of the classes and what the model takes, which
 * model.json's userDefinedMetadata has too. Images are [N, H, W, C], RGB, in [0, 1]; the model gives probabilities.
 */
export function tfjsFiles({ classifier, image, pictures, title }: Exportable): LayersFiles {
  const model = writtenLayers(classifier, { pixels: "unit", image });
  const { labels, notes } = classLabels(classifier.classNames, model.units, title);
  const [channels, height, width] = image;
  const facts = {
    labels,
    imageSize: height === width ? height : [height, width],
    channels,
    pixels: [0, 1],
    ...(pictures && { pictures: ruleOf(pictures) }),
  };
  const own = { classNames: labels, pixels: facts.pixels, pictures: facts.pictures };
  const files = shardedFiles(model, { alignreg: own });
  return {
    files: new Map([
      ["metadata.json", new TextEncoder().encode(`${JSON.stringify(facts, null, 2)}\n`)],
      ...files,
    ]),
    notes,
    labels,
  };
}

/** How pictures come to the size, without what nobody has said. */
const ruleOf = ({ resize, cropShare, interpolation, exif }: StatedPictures) => ({
  resize,
  ...(cropShare !== undefined && { cropShare }),
  ...(interpolation !== undefined && { interpolation }),
  ...(exif !== undefined && { exif }),
});
