/** A classifier as the page's ONNX Runtime runs it. */
import { type Classifier, isUnchanged, preprocessImages } from "../../models/index.ts";
import { modelOf, writeModel } from "../../onnx/index.ts";
import { classifierOn } from "../../runtime/classifier-on.ts";
import { forWebgpu } from "../../runtime/for-webgpu.ts";
import { type PageProvider, type PageRuntime, createPageSession } from "../../runtime/page-session.ts";
import type { Shape } from "../../tensor/index.ts";
import { evaluationForm, isTrainingForm } from "../../train/evaluation-form.ts";
import { atAnyBatch, checkSteady } from "../at-any-batch.ts";
import { ofTwoClasses } from "../of-two-classes.ts";
import type { RunningModel } from "../predictor.ts";
import { preprocessingOf } from "../preprocessing-options.ts";

/**
 * @param name   what messages call the model
 * @param image  shape of an image that it will get, [C, H, W]
 */
export async function openInPage(
  classifier: Classifier,
  { ort, provider, name }: { ort: PageRuntime; provider: PageProvider; name: string },
  image: Shape,
): Promise<RunningModel> {
  const { preprocessing, notes } = preprocessingOf(classifier, {}, image[0], name);
  const { logits } = classifier;
  const graph = isTrainingForm(classifier.graph)
    ? evaluationForm(classifier.graph, classifier.input)
    : classifier.graph;
  checkSteady(graph, logits, name);
  const run = atAnyBatch({ bytes: writeModel(modelOf(graph)), graph, classifier }, image);
  const { inputs } = run.graph ?? graph;
  const bytes = provider === "webgpu" ? forWebgpu(run.bytes) : run.bytes;
  const session = await classifierOn(bytes, { output: logits }, (file) =>
    createPageSession(ort, file, { inputs, name, provider }),
  );
  const isPlain = isUnchanged(preprocessing);
  return {
    async predict(images) {
      const entering = isPlain ? images : preprocessImages(images, preprocessing);
      return ofTwoClasses(await session.predict(entering), images.shape[0]);
    },
    release: () => session.release(),
    name,
    title: name,
    sha256: "",
    classNames: classifier.classNames,
    temperature: classifier.temperature,
    notes: [...(classifier.notes ?? []), ...notes],
  };
}
