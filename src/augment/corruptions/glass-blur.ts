import { type Corruption, eachPlane } from "./corruption.ts";
import { gaussianFilter } from "./filters.ts";

/**
 * Frosted glass: neighbouring pixels change places between two Gaussian blurs.
 *
 * @param sigma   of the blurs
 * @param reach   how far a pixel may go
 * @param rounds  in which pixels change places
 */
export const glassBlur =
  (sigma: number, reach: number, rounds: number): Corruption =>
  (image, out, size, rng) => {
    const { channels, height, width } = size;
    const area = height * width;
    // 8 bits, as pictures have them, between the two.
    eachPlane(image, size, (plane, c) =>
      out.set(
        gaussianFilter(plane, size, [sigma, sigma], "nearest").map((value) => Math.floor(255 * value) / 255),
        c * area,
      ),
    );
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
    eachPlane(out, size, (plane) => plane.set(gaussianFilter(plane, size, [sigma, sigma], "nearest")));
  };
