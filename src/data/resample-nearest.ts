import type { Size, Window } from "./picture-size.ts";

/**
 * A window of an image [H, W, channels] of interleaved bytes in another size, each pixel the one that lies nearest to its place.
 *
 * Source: Pillow 13's Geometry.c, `ImagingScaleAffine`.
 */
export function resampleNearest(
  image: Uint8Array,
  channels: number,
  from: Size,
  to: Size,
  window: Window,
): Uint8Array {
  const rows = nearestPlaces(from.height, to.height).subarray(window.top, window.top + window.height);
  const columns = nearestPlaces(from.width, to.width).subarray(window.left, window.left + window.width);
  const result = new Uint8Array(window.height * window.width * channels);
  let place = 0;
  for (const row of rows) {
    for (const column of columns) {
      const at = (row * from.width + column) * channels;
      for (let channel = 0; channel < channels; channel++) result[place++] = image[at + channel];
    }
  }
  return result;
}

/** Of each place along a side the old one that it takes; the step is added up, as Pillow does, so that rounding is the same. */
function nearestPlaces(before: number, after: number): Int32Array {
  const step = before / after;
  let at = step * 0.5;
  return Int32Array.from({ length: after }, () => {
    const place = Math.min(Math.trunc(at), before - 1);
    at += step;
    return place;
  });
}
