/** What makes a family continuous: its types are in family.ts, as a family has them. */
import type { Ranges } from "../family.ts";

/** One value for each parameter. */
export type Point = readonly number[];

/** The ranges as data, for manifests and results. */
export const describeRanges = ({ parameters, draws }: Ranges) => ({
  parameters: parameters.map(({ name, low, high }) => ({ name, low, high })),
  draws,
});
