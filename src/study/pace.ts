import type { Unit } from "./overview.ts";

/** Learns how long trainings and tests take, to say how long the rest will. */
export class Pace {
  readonly #seconds = new Map<string, number[]>();

  learn(unit: Pick<Unit, "kind" | "arm" | "method">, seconds: number): void {
    for (const key of keysOf(unit)) this.#seconds.set(key, [...(this.#seconds.get(key) ?? []), seconds]);
  }

  /** Seconds until all units are done, `jobs` at a time; null while nothing is known. */
  secondsLeft(units: readonly Unit[], jobs: number): number | null {
    const open = units.filter(({ status }) => status === "left" || status === "running");
    let sum = 0;
    for (const unit of open) {
      const known = keysOf(unit).find((key) => this.#seconds.has(key));
      if (known === undefined) return null;
      const mean = meanOf(this.#seconds.get(known)!);
      // Running ones are on average half done.
      sum += unit.status === "running" ? mean / 2 : mean;
    }
    return sum / Math.max(1, Math.min(jobs, open.length));
  }
}

/** What tells most about a unit comes first. A test takes as long whatever the method. */
const keysOf = ({ kind, arm, method }: Pick<Unit, "kind" | "arm" | "method">): string[] =>
  kind === "test" ? [kind, "any"] : [`${kind} ${arm}`, `${kind} ${method}`, kind, "any"];

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
