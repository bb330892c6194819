import { type PageFile, type PagePicture, type TakenPicture, takePicture } from "../../data/page/index.ts";
import { openPagePictures, pagePictureName } from "../../data/page/index.ts";
import { type Classifier, importClassifier, isClassifier } from "../../models/index.ts";
import { readModel } from "../../onnx/index.ts";
import { checkOptions, kindOf } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { Predictor } from "../predictor.ts";
import { statedPreprocessing } from "../preprocessing-options.ts";
import { takenImages } from "../taken-images.ts";
import { type Asking, withPredict } from "../with-predict.ts";
import { type PageModel, modelBytes } from "./model-bytes.ts";
import { openInPage } from "./open-in-page.ts";
import type { PageClassifierOptions, PagePredictionOptions } from "./page-options.ts";
import { pageClassifierTable, pagePredictionTable } from "./page-tables.ts";

/**
 * A classifier as plain data, which `exportStep` and the others take, and what can be asked of it: `predict(picture)`,
 * `predict(pictures)`, and `release()`, which lets go of the runtime's session. Neither function is copied with it.
 */
export type PageClassifier = Classifier & Asking<PagePicture, PagePredictionOptions, PagePictures>;

/** A list, or the `files` of an `<input>`. */
export type PagePictures = readonly PagePicture[] | FilesOfInput;

interface FilesOfInput {
  readonly length: number;
  item(index: number): PageFile | null;
}

/**
 * Reads a classifier in a page or a worker, to ask it about pictures. Its names, size, rule for pictures, pixels, temperature and
 * shifts are those that its file states (docs/metadata.md), and its answers those of Node.
 *
 * @example
 * import * as ort from "onnxruntime-web";
 * const flowers = await loadClassifier("model.onnx", { ort });
 * const { name, probability, stability } = await flowers.predict(input.files[0]);
 *
 * @param source  the bytes of an ONNX file, its address, a Response or a Blob of it; or a classifier, as `importKeras` or a step's
 *                `trained` make one
 * @throws UsageError, ModelError for what is no such classifier; DataError where it cannot be fetched
 */
export async function loadClassifier(
  source: PageModel | Classifier,
  options: PageClassifierOptions,
): Promise<PageClassifier> {
  checkPageOptions(options);
  const { ort, executionProvider: provider = "wasm" } = options;
  const { classifier, name } = isClassifier(source)
    ? { classifier: withStated(source, options), name: `The model "${source.graph.name}"` }
    : await importedFrom(source, options);
  return withPredict<PagePicture, TakenPicture, PagePredictionOptions>(classifier, {
    check(given, asked) {
      checkOptions("predict", pagePredictionTable, asked);
      return takenPictures(given);
    },
    open: (model, asked) =>
      Promise.resolve(
        new Predictor<TakenPicture>(
          {
            facts: { taken: takenImages(model), transforms: model.transforms },
            openPictures: openPagePictures,
            nameOf: pagePictureName,
            openModel: (image) => openInPage(model, { ort, provider, name }, image),
          },
          // One at a time: several at once are no quicker in WebAssembly, and take its memory.
          { ...asked, batchSize: 1 },
        ),
      ),
  });
}

function checkPageOptions(options: PageClassifierOptions): void {
  const given = options as Partial<PageClassifierOptions> | null | undefined;
  if (given?.ort === undefined) {
    throw new UsageError(
      `loadClassifier in a page needs ONNX Runtime: import * as ort from "onnxruntime-web", and give { ort } as its options.`,
    );
  }
  checkOptions("loadClassifier", pageClassifierTable, options);
}

async function importedFrom(
  source: PageModel,
  options: PageClassifierOptions,
): Promise<{ classifier: Classifier; name: string }> {
  const { bytes, name } = await modelBytes(source);
  const { output, classNames } = options;
  const stated = { ...statedPreprocessing(options), output, classNames, source: name };
  return { classifier: importClassifier(readModel(bytes, name), stated), name };
}

/** What is stated goes before what the classifier says. */
function withStated(classifier: Classifier, options: PageClassifierOptions): Classifier {
  const { output: logits, classNames } = options;
  const stated = { ...statedPreprocessing(options), logits, classNames };
  return {
    ...classifier,
    ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)),
  };
}

/** As they are now: the list of an `<input>` is one too. */
function takenPictures(given: PagePicture | readonly PagePicture[]): TakenPicture | readonly TakenPicture[] {
  const isList = Array.isArray(given) || kindOf(given) === "FileList";
  if (!isList) return takePicture("predict", "picture", given);
  const list = Array.from(given as unknown as readonly PagePicture[]);
  return list.map((picture, i) => takePicture("predict", `picture ${i + 1}`, picture));
}
