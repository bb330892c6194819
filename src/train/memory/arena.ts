/**
 * ONNX Runtime's arena, from which the values of a session's run are allocated: best fit among chunks that are split only
 * where half of one or more would be left over, in regions that double. What a run holds is more than what is alive, by
 * a third to three quarters, and this is why.
 *
 * Source: ONNX Runtime 1.23, core/framework/bfc_arena.cc, with its defaults.
 */
export class Arena {
  /** Chunks in the order of their addresses, region by region. */
  #chunks: Chunk[] = [];
  readonly #touched: number[] = [];
  #nextRegion = FIRST_REGION;

  /** Bytes that a run has written to, at the most: the whole regions need not be in memory. */
  get bytes(): number {
    return this.#touched.reduce((sum, bytes) => sum + bytes, 0);
  }

  allocate(bytes: number): Chunk {
    const size = Math.max(1, Math.ceil(bytes / GRAIN)) * GRAIN;
    const chunk = this.#fitting(size) ?? this.#region(size);
    chunk.isFree = false;
    if (chunk.size >= 2 * size || chunk.size - size >= MOST_DEAD) this.#split(chunk, size);
    this.#touched[chunk.region] = Math.max(this.#touched[chunk.region], chunk.start + size);
    return chunk;
  }

  free(chunk: Chunk): void {
    chunk.isFree = true;
    const at = this.#chunks.indexOf(chunk);
    this.#merge(at);
    if (at > 0) this.#merge(at - 1);
  }

  #fitting(size: number): Chunk | undefined {
    let best: Chunk | undefined;
    for (const chunk of this.#chunks) {
      if (chunk.isFree && chunk.size >= size && (!best || chunk.size < best.size)) best = chunk;
    }
    return best;
  }

  #region(size: number): Chunk {
    let isRaised = false;
    while (this.#nextRegion < size) {
      this.#nextRegion *= 2;
      isRaised = true;
    }
    const chunk = { region: this.#touched.length, start: 0, size: this.#nextRegion, isFree: true };
    if (!isRaised) this.#nextRegion = Math.min(2 * this.#nextRegion, LARGEST_REGION);
    this.#touched.push(0);
    this.#chunks.push(chunk);
    return chunk;
  }

  #split(chunk: Chunk, size: number): void {
    const { region, start } = chunk;
    const rest = { region, start: start + size, size: chunk.size - size, isFree: true };
    chunk.size = size;
    this.#chunks.splice(this.#chunks.indexOf(chunk) + 1, 0, rest);
  }

  /** Joins a free chunk and the free one behind it. */
  #merge(at: number): void {
    const [chunk, next] = this.#chunks.slice(at, at + 2);
    if (!chunk.isFree || !next?.isFree || next.region !== chunk.region) return;
    chunk.size += next.size;
    this.#chunks.splice(at + 1, 1);
  }
}

/** A stretch of a region, in bytes. */
export interface Chunk {
  readonly region: number;
  readonly start: number;
  size: number;
  isFree: boolean;
}

const GRAIN = 256;
const FIRST_REGION = 2 ** 20;
const LARGEST_REGION = 2 ** 30;
const MOST_DEAD = 128 * 2 ** 20;
