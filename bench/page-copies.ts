/**
 * What it costs to copy 1.5 MB out of WebAssembly's memory, by where in a page it lies (docs/performance.md): least time, ms.
 *
 *   npx tsx bench/page-copies.ts
 */
import { planesWasm } from "../src/augment/planes-memory.ts";

const CHUNK = 16_384;
const to = new Float32Array(24 * CHUNK);
const { memory } = planesWasm()!;
memory.grow(4);

for (const offset of [0, 1024, 2048, 3072]) {
  const from = new Float32Array(memory.buffer, 65_536 + offset, CHUNK);
  let least = Infinity;
  for (let round = 0; round < 300; round++) {
    const startedAt = performance.now();
    for (let start = 0; start < to.length; start += CHUNK) to.set(from, start);
    least = Math.min(least, performance.now() - startedAt);
  }
  console.log(`${offset} bytes into a page\t${least.toFixed(3)}`);
}
