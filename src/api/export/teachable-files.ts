/** A classifier as Teachable Machine's library (@teachablemachine/image 0.8) and those who follow it take one. */
import { singleFile } from "../../keras/archive/index.ts";
import type { Classifier } from "../../models/index.ts";
import { type StatedPictures, UsageError } from "../../tensor/index.ts";
import { classLabels } from "./class-labels.ts";
import type { Exportable, LayersFiles } from "./exportable.ts";
import { MAKER, singleFiles } from "./layers-files.ts";
import { ownLayers } from "./own-layers.ts";
import { writtenLayers } from "./written-layers.ts";

const WEIGHTS = "weights.bin";
/** Of the pictures that ml5 feeds. */
const ML5_SIDE = 224;

/**
 * model.json, weights.bin and metadata.json. The library crops the middle square of a picture, brings it to imageSize, and feeds
 * x/127 − 1. A model that was trained on a smaller share of that square gets a layer that cuts it out.
 *
 * A model that was one of Teachable Machine's keeps the layers that it came with.
 *
 * @throws UsageError for images that it does not feed: not square, or of other channels than 1 or 3
 */
export function teachableFiles(exportable: Exportable): LayersFiles {
  const { classifier, image, pictures, title } = exportable;
  const [channels, height, width] = image;
  if (height !== width) {
    throw new UsageError(
      `${title} takes images of ${height}×${width} pixels, and Teachable Machine's are square. Export it to tfjs, or train with a square --image-size.`,
    );
  }
  if (channels !== 1 && channels !== 3) {
    throw new UsageError(
      `${title} takes images of ${channels} channels, and Teachable Machine's have 3, or 1 if they are grey. Export it to tfjs.`,
    );
  }
  const side = wholeSide(height, pictures);
  const own = ownLayers(exportable);
  const fed = side === height ? undefined : ([side, side] as const);
  const model = own ? null : writtenLayers(classifier, { pixels: "teachable", image, fed });
  const files = own ? singleFile(own, WEIGHTS) : singleFiles(model!, WEIGHTS, {});
  const count = model?.units ?? statedClasses(classifier);
  const { labels, notes } = classLabels(classifier.classNames, count, title);
  const metadata = {
    tfjsVersion: "1.3.1",
    packageVersion: "0.8.5",
    packageName: "@teachablemachine/image",
    userMetadata: { generatedBy: MAKER },
    modelName: classifier.graph.name,
    labels,
    imageSize: side,
    grayscale: channels === 1,
  };
  return {
    files: new Map([...files, ["metadata.json", new TextEncoder().encode(JSON.stringify(metadata))]]),
    notes: [...notes, ...pictureNotes(pictures, title), ...ml5Notes(side, height, title)],
    labels,
  };
}

/** Of a model that keeps its layers, whose output says how many classes it has. */
function statedClasses({ graph, classNames = [] }: Classifier): number {
  const length = graph.outputs[0].shape?.at(-1);
  return typeof length === "number" ? length : classNames.length;
}

/** The side of the square of which the image is the middle: 256 for 224 that are 0.875 of it. */
function wholeSide(side: number, pictures: StatedPictures | undefined): number {
  const { resize, cropShare = 1 } = pictures ?? { resize: "crop" };
  return resize === "crop" ? Math.max(side, Math.floor(side / cropShare + 1e-6)) : side;
}

/** What the library does otherwise than training did. */
function pictureNotes(pictures: StatedPictures | undefined, title: string): string[] {
  if (!pictures || pictures.resize === "crop") return [];
  const did = pictures.resize === "pad" ? "with black around them" : "stretched";
  return [
    `${title} was trained on whole pictures, ${did}; Teachable Machine's library feeds their middle square. Answers differ for ` +
      `pictures that are not square: train with --resize crop. (ml5 stretches, to 224×224.)`,
  ];
}

/** ml5 (1.4, and those before it) loads such models, and does not look at metadata.json's imageSize. */
function ml5Notes(side: number, own: number, title: string): string[] {
  if (side === ML5_SIDE) return [];
  const otherwise = own === ML5_SIDE ? ": train with --resize stretch for it" : "";
  return [
    `${title} is fed ${side}×${side} pixels, as metadata.json says; ml5 feeds every model the whole picture, stretched to ` +
      `${ML5_SIDE}×${ML5_SIDE}, and cannot use this one${otherwise}.`,
  ];
}
