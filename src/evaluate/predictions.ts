import { checkRecord, kindOf, refuse, shown } from "../options/index.ts";
import { ShapeError, UsageError } from "../tensor/errors.ts";
import { LabelError, NonFiniteError } from "./errors.ts";

/** What a model says about every sample under every member of a transform family: all that the scores need. */
export interface Predictions {
  /** True class of each sample, [N]. */
  readonly labels: Int32Array;
  /** Number of classes, K. */
  readonly classes: number;
  /** The family's members, identity first, [|A|]. */
  readonly memberNames: readonly string[];
  /** For each member the logits of all its views, [N, K] row-major; row i comes from sample i. */
  readonly logits: readonly Float32Array[];
  /** What the invariance score compares, when it is not the logits. */
  readonly embeddings?: Embeddings;
  /** Where each sample came from, for lists of images, [N]. */
  readonly files?: readonly string[];
}

/** One vector for every sample under every member. */
export interface Embeddings {
  /** For each member, identity first, [N, dimension] row-major. */
  readonly values: readonly Float32Array[];
  readonly dimension: number;
}

/** The embeddings, which are the logits unless others are given. */
export const embeddingsOf = ({ embeddings, logits, classes }: Predictions): Embeddings =>
  embeddings ?? { values: logits, dimension: classes };

/**
 * Checks predictions once, so that the scores need not.
 *
 * @throws UsageError      no samples, no members or no classes
 * @throws LabelError      a label outside 0 … classes − 1
 * @throws ShapeError      arrays of the wrong length
 * @throws NonFiniteError  NaN or infinity in logits or embeddings
 */
export function checkPredictions(predictions: Predictions): void {
  checkKinds(predictions);
  const { labels, classes, memberNames, logits, embeddings } = predictions;
  if (labels.length === 0) {
    throw new UsageError("There are no samples to score. Pass a test set with at least one image.");
  }
  if (memberNames.length === 0) {
    throw new UsageError("There are no members to score. List the identity first, then the transforms.");
  }
  if (!Number.isInteger(classes) || classes < 1) {
    throw new UsageError(
      `The number of classes is ${shown(classes)}. Pass the width of the logits, 1 or more.`,
    );
  }
  checkLabels(labels, classes);
  checkValues("logits", logits, classes, predictions);
  if (embeddings) checkValues("embeddings", embeddings.values, embeddings.dimension, predictions);
}

/** @throws UsageError for members that are missing, or of another kind */
function checkKinds(predictions: Predictions): void {
  const where = "scorePredictions";
  checkRecord(where, "predictions", predictions, "an object with labels, classes, memberNames and logits");
  const { labels, memberNames, logits, embeddings } = predictions;
  if (kindOf(labels) !== "Int32Array") refuse(where, "labels", labels, "an Int32Array of class indices");
  if (!Array.isArray(memberNames))
    refuse(where, "memberNames", memberNames, "a list of names, identity first");
  checkArrays("logits", logits);
  if (embeddings === undefined) return;
  checkRecord(where, "embeddings", embeddings, "an object with values and dimension");
  checkArrays("embeddings.values", embeddings.values);

  function checkArrays(what: string, arrays: unknown): void {
    if (Array.isArray(arrays) && arrays.every((array) => kindOf(array) === "Float32Array")) return;
    refuse(where, what, arrays, "a list of Float32Arrays, one for each member");
  }
}

/** @throws LabelError at the first label outside 0 … classes − 1 */
export function checkLabels(labels: Int32Array, classes: number): void {
  const sample = labels.findIndex((label) => label < 0 || label >= classes);
  if (sample >= 0) throw new LabelError(sample, labels[sample], classes);
}

function checkValues(
  what: string,
  values: readonly Float32Array[],
  width: number,
  { labels, memberNames }: Predictions,
): void {
  if (values.length !== memberNames.length) {
    throw new ShapeError(
      `There are ${what} for ${values.length} members and names for ${memberNames.length}. ` +
        `Pass one array of ${what} per member, identity first.`,
    );
  }
  values.forEach((array, member) => {
    if (array.length !== labels.length * width) {
      throw new ShapeError(
        `The ${what} of member "${memberNames[member]}" have ${array.length} numbers; ` +
          `expected [${labels.length}, ${width}], that is ${labels.length * width}.`,
      );
    }
    const bad = array.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new NonFiniteError(what, memberNames[member], Math.floor(bad / width), array[bad]);
    }
  });
}
