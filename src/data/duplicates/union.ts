/** Disjoint sets of 0 … n − 1 that are joined two at a time. */
export class Union {
  readonly #parent: Uint32Array;

  constructor(length: number) {
    this.#parent = Uint32Array.from({ length }, (_, i) => i);
  }

  join(a: number, b: number): void {
    const [one, other] = [this.find(a), this.find(b)];
    // The lowest member stands for a set.
    this.#parent[Math.max(one, other)] = Math.min(one, other);
  }

  /** The member that stands for the set of `a`. */
  find(a: number): number {
    let top = a;
    while (this.#parent[top] !== top) top = this.#parent[top];
    for (let at = a; at !== top;) [at, this.#parent[at]] = [this.#parent[at], top];
    return top;
  }
}
