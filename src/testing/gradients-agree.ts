import { random, sizeOf } from "../tensor/index.ts";
import { type Build, type Entry, type Probe, type Tensors, slopes } from "./probe.ts";

/** In float32 a step near the cube root of its precision balances truncation against rounding; the shorter ones miss kinks. */
const STEPS = [5e-3, 1e-3, 2e-4];

/** Coordinates of each input that are tried. */
const TRIED = 12;

/** Of the input's largest slope: what a difference in float32 may be off, and what a wrong rule never is. */
const SHARE = 2e-2;

/**
 * Whether the graph's gradient is what central differences show: null, or where it is not, a sentence. A coordinate agrees
 * if it does at one of three steps, as a longer one may cross a kink.
 */
export async function gradientsAgree(
  feeds: Tensors,
  build: Build,
  { probe, seed, of }: { readonly probe: Probe; readonly seed: number; readonly of: readonly string[] },
): Promise<string | null> {
  const rng = random(seed, "testing", "weights");
  const drawn = Array.from({ length: 4096 }, () => 0.5 + rng.uniform());
  const weights = (i: number) => drawn[i % drawn.length];
  const { gradients, values } = await probe.run(feeds, weights);
  const rounding = 2 ** -23 * Math.max(...values.map(Math.abs), 0) * Math.sqrt(values.length);
  for (const name of of) {
    const largest = Math.max(...gradients[name].map(Math.abs), 0);
    const size = sizeOf(feeds[name].shape);
    let left: Entry[] = [...rng.permutation(size)].slice(0, TRIED).map((at) => ({ of: name, at }));
    let shown = new Map<number, number>();
    for (const step of STEPS) {
      const found = await slopes(feeds, build, left, { step, weights });
      shown = new Map(left.map(({ at }, i) => [at, found[i]]));
      const allowed = SHARE * Math.max(largest, ...found.map(Math.abs)) + rounding / step;
      left = left.filter(({ at }) => !(Math.abs(gradients[name][at] - shown.get(at)!) <= allowed));
      if (left.length === 0) break;
    }
    if (left.length > 0) {
      const [{ at }] = left;
      return (
        `By ${name}[${at}] the graph's gradient is ${gradients[name][at].toPrecision(5)}, and differences show ` +
        `${shown.get(at)!.toPrecision(5)}.`
      );
    }
  }
  return null;
}
