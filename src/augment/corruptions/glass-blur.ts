import { forSize } from "../filter-pass.ts";
import { filtered } from "../plane-filter.ts";
import type { Corruption } from "./corruption.ts";
import { gaussianPasses } from "./filters.ts";

/**
 * Frosted glass: neighbouring pixels change places between two Gaussian blurs.
 *
 * @param sigma   of the blurs
 * @param reach   how far a pixel may go
 * @param rounds  in which pixels change places
 */
export function glassBlur(sigma: number, reach: number, rounds: number): Corruption {
  const passes = forSize((size) => gaussianPasses(size, [sigma, sigma], "nearest"));
  return (image, out, size, rng) => {
    const { channels, height, width } = size;
    const area = height * width;
    // 8 bits, as pictures have them, between the two.
    filtered(image, size, passes(size), out);
    for (let i = 0; i < out.length; i++) out[i] = Math.floor(255 * out[i]) / 255;
    const draw = () => rng.integer(2 * reach) - reach;
    for (let round = 0; round < rounds; round++) {
      for (let y = height - reach; y > reach; y--) {
        for (let x = width - reach; x > reach; x--) {
          const [dx, dy] = [draw(), draw()];
          const [here, there] = [y * width + x, (y + dy) * width + x + dx];
          const grey = out[here];
          for (let at = 0; at < out.length; at += area) out[at + here] = out[at + there];
          // Of colours the code that made the benchmark's images copies one, where it means to exchange two.
          if (channels === 1) out[there] = grey;
        }
      }
    }
    filtered(out.slice(), size, passes(size), out);
  };
}
