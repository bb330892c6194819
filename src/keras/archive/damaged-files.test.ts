import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AlignregError, type Random, random } from "../../tensor/index.ts";
import { openHdf5 } from "./hdf5/index.ts";
import { readKerasFile, readLayersFolder } from "./index.ts";

const fixtures = new URL("../../../test/fixtures/", import.meta.url);
const bytesOf = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, fixtures)));
const folder = new Map(
  readdirSync(new URL("keras/sequential.keras3.tfjs/", fixtures)).map((name) => [
    name,
    bytesOf(`keras/sequential.keras3.tfjs/${name}`),
  ]),
);

/** One to four changes: a byte, eight bytes of one kind (an address, a length), a piece from elsewhere, or a cut. */
function damaged(bytes: Uint8Array, rng: Random): Uint8Array {
  const result = bytes.slice();
  for (let change = rng.integer(4); change >= 0; change--) {
    const at = rng.integer(result.length);
    const [aligned, other] = [at & ~7, rng.integer(result.length) & ~7];
    const kind = rng.integer(16);
    if (kind < 6) result[at] = rng.integer(256);
    else if (kind < 8) result.fill(255, aligned, aligned + 8);
    else if (kind < 10) result.fill(0, aligned, aligned + 8);
    else if (kind < 15) result.copyWithin(aligned, other, other + 8 * (1 + rng.integer(4)));
    else return result.subarray(0, at);
  }
  return result;
}

const cases: [string, Uint8Array, number, (bytes: Uint8Array) => unknown][] = [
  ["the oldest form of HDF5", bytesOf("keras/sequential.h5"), 800, (bytes) => readKerasFile(bytes, "x.h5")],
  ["the latest form of HDF5", bytesOf("hdf5/latest.h5"), 800, (bytes) => openHdf5(bytes)],
  ["a .keras file", bytesOf("keras/sequential.keras"), 400, (bytes) => readKerasFile(bytes, "x.keras")],
  [
    "a model.json",
    folder.get("model.json")!,
    600,
    (bytes) => readLayersFolder(new Map([...folder, ["model.json", bytes]]), "x"),
  ],
];

describe.each(cases)("%s, damaged", (_, bytes, times, read) => {
  test("is read, or refused in words, and never runs on", () => {
    const rng = random(7);
    const start = performance.now();
    let refused = 0;
    for (let index = 0; index < times; index++) {
      try {
        read(damaged(bytes, rng));
      } catch (error) {
        // Anything else is a fault of the reader's.
        if (!(error instanceof AlignregError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(times / 20);
    expect(refused).toBeLessThan(times);
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});
