/** A process that searches blocks of images among points of a range, for who shares a search among several. */
import { familyOf, hasRanges } from "../augment/index.ts";
import {
  type FoundByImage,
  type ImageBlock,
  type Predict,
  pointList,
  searchBlock,
} from "../evaluate/index.ts";
import { serveJobs } from "../processes/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type Runnable, openRunnable } from "./open-runnable.ts";

/** What all blocks of a search have in common; plain data. */
export interface SearchSetup {
  readonly runnable: Runnable;
  /** What makes the family again. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly points: readonly (readonly number[])[];
  readonly batchSize: number;
}

export interface SearchJob {
  readonly block: ImageBlock;
  /** With the first block alone. */
  readonly setup?: SearchSetup;
}

/** How many of the block's answers are known. */
export type SearchSaid = number;

/** Milliseconds between messages of progress. */
const progressInterval = 200;

let opened: Promise<(block: ImageBlock, onProgress: (done: number) => void) => Promise<FoundByImage>>;

serveJobs<SearchJob, SearchSaid, FoundByImage>(async ({ block, setup }, say) => {
  if (setup) opened = open(setup);
  const search = await opened;
  let saidAt = performance.now();
  return search(block, (done) => {
    const now = performance.now();
    if (now - saidAt < progressInterval) return;
    saidAt = now;
    say(done);
  });
});

async function open({ runnable, spec, points, batchSize }: SearchSetup) {
  const family = familyOf("evaluate", spec);
  if (!hasRanges(family)) throw new UsageError(`internal: the family ${family.name} has no range.`);
  const list = pointList(family.ranges, points);
  const { predict }: { predict: Predict } = await openRunnable(runnable);
  return (block: ImageBlock, onProgress: (done: number) => void) =>
    searchBlock(predict, block, list, { batchSize, onProgress });
}
