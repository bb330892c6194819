/** The nearest copies so far, ordered by distance and then by sample index; at most `capacity` of them. */
export class NearestList {
  private readonly distance: Float64Array;
  private readonly sample: Int32Array;
  private length = 0;
  /** The farthest distance in the list, once it is full. */
  reach = Infinity;

  constructor(private readonly capacity: number) {
    this.distance = new Float64Array(capacity);
    this.sample = new Int32Array(capacity);
  }

  clear(): void {
    this.length = 0;
    this.reach = Infinity;
  }

  offer(distance: number, sample: number): void {
    if (this.length === this.capacity) {
      const last = this.length - 1;
      if (!this.isAfter(last, distance, sample)) return;
      this.length = last;
    }
    let at = this.length++;
    for (; at > 0 && this.isAfter(at - 1, distance, sample); at--) {
      this.distance[at] = this.distance[at - 1];
      this.sample[at] = this.sample[at - 1];
    }
    this.distance[at] = distance;
    this.sample[at] = sample;
    if (this.length === this.capacity) this.reach = this.distance[this.capacity - 1];
  }

  countOf(sample: number): number {
    return this.sample.reduce((count, other) => count + (other === sample ? 1 : 0), 0);
  }

  private isAfter(at: number, distance: number, sample: number): boolean {
    return this.distance[at] > distance || (this.distance[at] === distance && this.sample[at] > sample);
  }
}
