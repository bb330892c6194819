/** Reads each file that it is named, as a data set's picture is read; says on stdout how many could be. */
import { readFileSync } from "node:fs";
import { decodeImage, readImageHeader } from "../../src/data/image-file.ts";
import { AlignregError } from "../../src/tensor/index.ts";

const rule = { resize: "stretch", cropShare: 1, interpolation: "bilinear", exif: "apply" } as const;
let read = 0;
for (const file of process.argv.slice(2)) {
  try {
    const bytes = readFileSync(file);
    const header = await readImageHeader(file, bytes, "apply");
    if (header.height * header.width > 1e6) continue;
    await decodeImage(file, bytes, { ...header, ...rule });
    read++;
  } catch (error) {
    if (!(error instanceof AlignregError)) throw error;
  }
}
process.stdout.write(String(read));
