/** Reads each file that it is named, as a data set's picture is read; says on stdout how many could be. */
import { readFileSync } from "node:fs";
import { decodeImage, readImageHeader } from "../../src/data/image-file.ts";
import { AlignregError } from "../../src/tensor/index.ts";

let read = 0;
for (const file of process.argv.slice(2)) {
  try {
    const bytes = readFileSync(file);
    const header = await readImageHeader(file, bytes);
    if (header.height * header.width > 1e6) continue;
    await decodeImage(file, bytes, header);
    read++;
  } catch (error) {
    if (!(error instanceof AlignregError)) throw error;
  }
}
process.stdout.write(String(read));
