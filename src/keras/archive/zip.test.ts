import { deflateSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { ModelError } from "../../onnx/index.ts";
import { crc32 } from "./crc32.ts";
import { unzipped, withEntry, zipEntries } from "./zip.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const long = text("weights ".repeat(500));
const stored = zipSync({ "config.json": text("{}"), "model.weights.h5": long }, { level: 0 });
const deflated = zipSync({ "config.json": text("{}"), "model.weights.h5": long }, { level: 9 });

/** Reads every file of an archive. */
const contentsOf = (bytes: Uint8Array): [string, Uint8Array][] =>
  [...zipEntries(bytes)].map(([name, entry]) => [name, Uint8Array.from(unzipped(bytes, entry))]);

/** An archive with other numbers in the directory's record of its last file, at these positions of it. */
function edited(bytes: Uint8Array, edits: Record<number, number>, { local = false } = {}): Uint8Array {
  const result = bytes.slice();
  const view = new DataView(result.buffer);
  const end = result.length - 22;
  let at = view.getUint32(end + 16, true);
  at += 46 + view.getUint16(at + 28, true);
  if (local) at = view.getUint32(at + 42, true);
  for (const [field, value] of Object.entries(edits)) view.setUint32(at + Number(field), value, true);
  return result;
}

test("the checksum is that of every zip program", () => {
  // The check value of the polynomial's catalogue entry (CRC-32/ISO-HDLC).
  expect(crc32(text("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

describe.each([
  ["stored", stored],
  ["compressed", deflated],
])("%s files", (_, bytes) => {
  test("are read in the archive's order", () => {
    expect(contentsOf(bytes)).toEqual([
      ["config.json", text("{}")],
      ["model.weights.h5", long],
    ]);
  });

  test("are replaced; equal content gives equal bytes", () => {
    const other = long.map((byte) => byte ^ 1);
    const written = withEntry(bytes, zipEntries(bytes), "model.weights.h5", other);
    expect(contentsOf(written)).toEqual([
      ["config.json", text("{}")],
      ["model.weights.h5", other],
    ]);
    const again = withEntry(written, zipEntries(written), "model.weights.h5", other);
    expect(again).toEqual(written);
  });
});

test("a stored file is replaced in place", () => {
  const written = withEntry(
    stored,
    zipEntries(stored),
    "model.weights.h5",
    long.map((byte) => byte ^ 1),
  );
  expect(written).toHaveLength(stored.length);
  const changed = written.reduce((count, byte, index) => count + (byte === stored[index] ? 0 : 1), 0);
  // The content and two checksums of four bytes.
  expect(changed).toBeLessThanOrEqual(long.length + 8);
  expect(withEntry(stored, zipEntries(stored), "model.weights.h5", long)).toEqual(stored);
});

describe("refused", () => {
  const bomb = new Uint8Array(2 ** 25);
  const cases: [string, Uint8Array, RegExp][] = [
    ["an archive that is cut off", stored.subarray(0, stored.length - 1), /no directory at its end/],
    ["an empty one", new Uint8Array(), /no directory/],
    ["a wrong checksum", edited(stored, { 16: 1 }), /does not have its checksum/],
    ["an encrypted file", edited(stored, { 8: 1 }), /encrypted/],
    ["another compression", edited(stored, { 10: 14 }), /method 14/],
    ["a zip64 entry", edited(stored, { 24: 0xffffffff }), /zip64/],
    ["a stored file of two sizes", edited(stored, { 24: 7 }), /says 7/],
    ["a file beyond the archive", edited(stored, { 42: 1_000_000 }), /not where it should be/],
    ["two files in one place", edited(stored, { 42: 0 }), /share bytes/],
    ["less than it says", edited(deflated, { 24: 4001 }), /does not have the 4001 bytes/],
    ["more than it says", edited(deflated, { 24: 3999 }), /does not have the 3999 bytes/],
    ["a file that unpacks to all memory", edited(deflated, { 24: 0xfffffffe }), /are the most/],
    ["a bomb", zipSync({ "model.weights.h5": bomb }, { level: 9 }), /are the most/],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => contentsOf(bytes)).toThrow(ModelError);
    expect(() => contentsOf(bytes)).toThrow(message);
  });

  test("one name twice", () => {
    const twice = zipSync({ aaaa: text("1"), bbbb: text("2") }, { level: 0 });
    const view = new DataView(twice.buffer);
    // The second name, in front of its file and in the directory.
    for (let at = 0; at + 4 <= twice.length; at++) {
      if (view.getUint32(at) === 0x62626262) view.setUint32(at, 0x61616161);
    }
    expect(() => zipEntries(twice)).toThrow(/two files named "aaaa"/);
  });

  test("what is no deflate stream", () => {
    const bytes = edited(stored, { 10: 8, 24: 9 });
    expect(() => contentsOf(bytes)).toThrow(ModelError);
    expect(deflateSync(long).length).toBeLessThan(long.length);
  });
});
