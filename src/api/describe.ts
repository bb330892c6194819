/** Settings as data, for manifests and for the identity of a checkpoint. */
import type { Preprocessing } from "../models/index.ts";
import type { ClassMatch } from "./match-classes.ts";

/** `normalization` always; what is as usual besides is left out. */
export const describePreprocessing = ({
  normalization,
  inputRange = 1,
  channelOrder = "rgb",
}: Preprocessing) => ({
  normalization: normalization ?? null,
  ...(inputRange !== 1 && { inputRange }),
  ...(channelOrder !== "rgb" && { channelOrder }),
});

/** The logit of each class of the data, where it is not its label. */
export const describeMatch = ({ logitOf }: ClassMatch, data: readonly string[]) =>
  logitOf.every((logit, label) => logit === label)
    ? {}
    : { classes: Object.fromEntries(data.map((name, label) => [name, logitOf[label]])) };
