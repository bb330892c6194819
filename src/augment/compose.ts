import { checkLimit } from "../options/index.ts";
import { type ImageBatch, UsageError, sizeOf } from "../tensor/index.ts";
import { checkFamily } from "./check-family.ts";
import type { Transform, TransformFamily } from "./family.ts";
import { joined } from "./joined.ts";
import { outputFor } from "./output.ts";
import { refuseRanges } from "./ranges/ranged-family.ts";

/**
 * The families one after another: a member for every way to take one member, not the identity, of each.
 * `compose(a, b)` applies a's member first; its members are named `<a's member> then <b's member>`, in the order
 * a1 b1, a1 b2, … a2 b1, … Parameters keep their values under `step 1.<name>`, `step 2.<name>`, …
 *
 * @throws UsageError for fewer than two families
 */
export function compose(...families: readonly TransformFamily[]): TransformFamily {
  families.forEach((each, i) => checkFamily("compose", `family ${i + 1}`, each));
  if (families.length < 2) {
    throw new UsageError(`A composition needs two families or more; ${families.length} was given.`);
  }
  refuseRanges("A composition", families);
  const count = families.reduce((product, { members }) => product * (members.length - 1), 1);
  checkLimit("members", count, `The composition ${families.map(({ name }) => name).join("/")}`);
  const scratch = new Scratch();
  const sequences = families.reduce<readonly (readonly Transform[])[]>(
    (begun, { members }) => begun.flatMap((steps) => members.slice(1).map((step) => [...steps, step])),
    [[]],
  );
  return joined(
    families,
    "/",
    sequences.map((steps) => inSequence(steps, scratch)),
  );
}

function inSequence(steps: readonly Transform[], scratch: Scratch): Transform {
  const parameters = steps.flatMap((step, i) =>
    Object.entries(step.parameters).map(([name, value]) => [`step ${i + 1}.${name}`, value] as const),
  );
  const meanings = [...new Set(steps.flatMap((step) => step.mayChangeMeaning ?? []))];
  return {
    name: steps.map(({ name }) => name).join(" then "),
    parameters: Object.fromEntries(parameters),
    ...(meanings.length > 0 && { mayChangeMeaning: meanings }),
    apply(images, out) {
      const result = outputFor(images, out);
      const [count, ...imageShape] = images.shape;
      const imageSize = sizeOf(imageShape);
      const imagesPerChunk = Math.max(1, Math.floor(chunkSize / imageSize));
      for (let first = 0; first < count; first += imagesPerChunk) {
        const n = Math.min(imagesPerChunk, count - first);
        const [start, end] = [first * imageSize, (first + n) * imageSize];
        const { frame } = images;
        let view: ImageBatch = { data: images.data.subarray(start, end), shape: [n, ...imageShape], frame };
        steps.forEach((step, i) => {
          const isLast = i === steps.length - 1;
          // Two scratch arrays in turn: a step must not write over what it reads.
          const data = isLast ? result.subarray(start, end) : scratch.array(i % 2, n * imageSize);
          step.apply(view, data);
          view = { data, shape: view.shape, frame };
        });
      }
      return result;
    },
  };
}

/** Values in a chunk: each image's result depends on it alone, so a few at a time do, and stay in the cache. */
const chunkSize = 2 ** 16;

/** What steps but the last write to; kept from call to call, and shared by the members of a family. */
class Scratch {
  readonly #arrays = [new Float32Array(0), new Float32Array(0)];

  array(which: number, size: number): Float32Array {
    if (this.#arrays[which].length < size) this.#arrays[which] = new Float32Array(size);
    return this.#arrays[which].subarray(0, size);
  }
}
