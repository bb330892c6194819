import { type LabelledImages, parseIdxImages, parseIdxLabels } from "alignreg/browser";

/** MNIST's digits `start` to `end` (0 for the first, `end` left out), out of all that were fetched. */
export type Digits = (start: number, end: number) => LabelledImages;

/**
 * Fetches the digits that lie beside the page.
 *
 * @param base  the address of the page
 * @throws Error for what is not there, or is not digits
 */
export async function fetchDigits(base: string): Promise<Digits> {
  const [images, labels] = await Promise.all([
    fetchBytes(new URL("mnist-images.bin", base)),
    fetchBytes(new URL("mnist-labels.bin", base)),
  ]);
  const { pixels, shape, count } = parseIdxImages(images, "mnist-images.bin");
  const classes = parseIdxLabels(labels, "mnist-labels.bin");
  if (classes.length !== count) throw new Error(`There are ${count} digits and ${classes.length} labels.`);
  const size = pixels.length / count;

  return (start, end) => ({
    labels: Int32Array.from(classes.subarray(start, end)),
    classes: 10,
    shape,
    read(indices, out) {
      for (let i = 0; i < indices.length; i++) {
        const from = (start + indices[i]) * size;
        for (let p = 0; p < size; p++) out[i * size + p] = pixels[from + p] / 255;
      }
      return Promise.resolve();
    },
  });
}

/** The body of a response that is what it should be: servers like to answer with a page where there is nothing. */
async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`${url.href} cannot be fetched. Is the server of this page still running?`, { cause });
  });
  if (!response.ok)
    throw new Error(`${url.href} cannot be fetched: ${response.status} ${response.statusText}.`);
  const type = response.headers.get("Content-Type") ?? "";
  if (/text|html|json|javascript/.test(type)) {
    throw new Error(`${url.href} was answered as ${type}, which digits are not. Is the file on the server?`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
