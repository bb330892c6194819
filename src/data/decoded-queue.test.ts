import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { DecodedQueue, decodesAtOnce } from "./decoded-queue.ts";

/** A queue of images whose one byte is their index, and which of them were begun; each ends when it is told. */
function queueOf(mostAhead = 100) {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  let running = 0;
  let most = 0;
  const queue = new DecodedQueue(async (index) => {
    begun.push(index);
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.set(index, resolve));
    running--;
    if (index === 13) throw new Error("thirteen");
    return Uint8Array.of(index);
  }, mostAhead);
  /** Ends what runs until nothing does. */
  const finish = async () => {
    await setImmediate();
    while (ends.size > 0) {
      for (const [index, end] of ends) {
        ends.delete(index);
        end();
      }
      await setImmediate();
    }
  };
  return { queue, begun, finish, most: () => most };
}

const indices = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);

test("decodes as many at once as there are cores, and one more", async () => {
  const { queue, finish, most } = queueOf();
  const all = indices(12, 20).map((index) => queue.pixels(index));
  await finish();
  expect((await Promise.all(all)).map(([byte]) => byte)).toEqual(indices(12, 20));
  expect(most()).toBe(Math.min(12, decodesAtOnce()));
});

test("decodes what comes next once, and again when it is asked for again", async () => {
  const { queue, begun, finish } = queueOf();
  queue.readAhead(indices(3));
  await finish();
  expect(begun).toEqual([0, 1, 2]);
  expect(await queue.pixels(1)).toEqual(Uint8Array.of(1));
  expect(begun).toEqual([0, 1, 2]);
  const again = queue.pixels(1);
  await finish();
  await again;
  expect(begun).toEqual([0, 1, 2, 1]);
});

test("decodes what is asked for before what comes next, of which it holds so many and forgets the rest", async () => {
  const { queue, begun, finish } = queueOf(decodesAtOnce() + 2);
  queue.readAhead(indices(100, 100));
  const asked = queue.pixels(7);
  queue.readAhead(indices(1, 300));
  await finish();
  await asked;
  const first = indices(decodesAtOnce(), 100);
  expect(begun).toEqual([...first, 7, 300]);
  queue.readAhead(indices(100, 100));
  await finish();
  expect(begun.slice(first.length + 2)).toEqual(indices(decodesAtOnce() + 2, 100));
});

test("a failure is of who asks for the image; where nobody does, nothing happens", async () => {
  const { queue, finish } = queueOf();
  queue.readAhead([13, 14]);
  await finish();
  queue.readAhead([14]);
  const failing = queue.pixels(13);
  const caught = expect(failing).rejects.toThrow("thirteen");
  await finish();
  await caught;
  expect(await queue.pixels(14)).toEqual(Uint8Array.of(14));
});
