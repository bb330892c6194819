/** What libvips and its decoders think of pictures stays with them: nothing of it is written to the terminal. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { random } from "../../src/tensor/index.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-pictures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixtures = "test/fixtures/image-files";

async function pictures(): Promise<Buffer[]> {
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7919) % 251);
  const picture = () => sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } });
  const tiffs = (["none", "lzw", "deflate", "jpeg", "packbits"] as const).map((compression) =>
    picture().tiff({ compression }).toBuffer(),
  );
  return [
    ...readdirSync(fixtures)
      .filter((name) => /\.(png|jpg)$/.test(name))
      .map((name) => readFileSync(join(fixtures, name))),
    ...(await Promise.all([
      ...tiffs,
      picture().tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
      picture().webp().toBuffer(),
      picture().gif().toBuffer(),
    ])),
    Buffer.concat([Buffer.from("P6\n32 32\n255\n"), pixels]),
  ];
}

/** With a tag that nobody knows in the place of the last one: its reader warns, and reads on. */
function withUnknownTag(tiff: Buffer): Buffer {
  const bytes = Buffer.from(tiff);
  const directory = bytes.readUInt32LE(4);
  const last = directory + 2 + 12 * (bytes.readUInt16LE(directory) - 1);
  bytes.writeUInt16LE(65_000, last);
  return bytes;
}

test("pictures with odd and damaged bytes are read or refused without a word of their decoders", async () => {
  const sound = await pictures();
  const rng = random(1, "pictures");
  const damaged = sound.flatMap((picture) =>
    Array.from({ length: 8 }, (_, kind) => {
      if (kind === 0) return picture.subarray(0, Math.floor(rng.uniform() * picture.length));
      const bytes = Buffer.from(picture);
      const places = kind % 2 ? bytes.length : bytes.length / 5;
      for (let i = 0; i < kind; i++)
        bytes[Math.floor(rng.uniform() * places)] = Math.floor(rng.uniform() * 256);
      return bytes;
    }),
  );
  const warned = withUnknownTag(await sharp(sound[0]).tiff({ compression: "none" }).toBuffer());
  const files = [...sound, warned, ...damaged].map((bytes, i) => {
    const file = join(folder, String(i));
    writeFileSync(file, bytes);
    return file;
  });
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", "test/security/read-pictures.ts", ...files],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(Number(stdout)).toBeGreaterThanOrEqual(sound.length);
  expect(Number(stdout)).toBeLessThan(files.length);
});
