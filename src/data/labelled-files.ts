/** Labelled images as files that are listed and not yet read: what is there, before anything becomes pixels. */
export interface LabelledFiles {
  /** The data set's, as in messages: `photos/train`. */
  readonly name: string;
  /** [N], paths. */
  readonly files: readonly string[];
  /** [N], class indices into `classNames`; −1 for an image without a label. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /** What was left out or guessed, a sentence each. */
  readonly notes: readonly string[];
  /** There are no parts for training and for testing: the same files serve as both. */
  readonly isUnsplit?: boolean;
}
