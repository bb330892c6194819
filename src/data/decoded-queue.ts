import { availableParallelism } from "node:os";

/** Images being decoded at once: one for each core, and one whose file is read meanwhile. */
export const decodesAtOnce = (): number => availableParallelism() + 1;

interface Job {
  readonly index: number;
  readonly promise: Promise<Uint8Array>;
  start(): void;
  isStarted: boolean;
}

/**
 * Decodes images as they are asked for, a few at a time; those that are said to come next while nobody waits. What was asked
 * for goes before what comes next.
 */
export class DecodedQueue {
  readonly #decode: (index: number) => Promise<Uint8Array>;
  readonly #mostAhead: number;
  readonly #asked: Job[] = [];
  /** By the image's index, in the order in which they are to come; started or not. */
  readonly #ahead = new Map<number, Job>();
  #running = 0;

  /** @param mostAhead  images that may be held before anybody asks for them */
  constructor(decode: (index: number) => Promise<Uint8Array>, mostAhead: number) {
    this.#decode = decode;
    this.#mostAhead = mostAhead;
  }

  /** The bytes of an image. */
  pixels(index: number): Promise<Uint8Array> {
    const job = this.#ahead.get(index) ?? this.#job(index);
    this.#ahead.delete(index);
    if (!job.isStarted) this.#asked.push(job);
    this.#startMore();
    return job.promise;
  }

  /** These come next; of those that were to come before, the others are let go. */
  readAhead(indices: ArrayLike<number>): void {
    const wanted = new Set(Array.from(indices).slice(0, this.#mostAhead));
    for (const index of this.#ahead.keys()) if (!wanted.has(index)) this.#ahead.delete(index);
    for (const index of wanted) {
      if (!this.#ahead.has(index)) this.#ahead.set(index, this.#job(index));
    }
    this.#startMore();
  }

  #job(index: number): Job {
    let begin: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => (begin = resolve)).then(() => this.#decode(index));
    const job: Job = {
      index,
      promise,
      isStarted: false,
      start: () => {
        job.isStarted = true;
        this.#running++;
        begin();
        const done = () => {
          this.#running--;
          this.#startMore();
        };
        // Whoever asks for the image hears of its failure; an image that nobody asks for fails nothing.
        promise.then(done, done);
      },
    };
    return job;
  }

  #startMore(): void {
    while (this.#running < decodesAtOnce()) {
      const next = this.#asked.shift() ?? this.#nextAhead();
      if (!next) return;
      next.start();
    }
  }

  #nextAhead(): Job | undefined {
    for (const job of this.#ahead.values()) if (!job.isStarted) return job;
    return undefined;
  }
}
