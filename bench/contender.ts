/** Something that can be timed in blocks. Outside its blocks it must leave the processor alone. */
export interface Contender {
  readonly name: string;
  /** Milliseconds of each of `steps` steps, after a warm-up of its own. */
  run(steps: number): Promise<number[]>;
  close(): Promise<void>;
}

/**
 * Times contenders in turn, A B C A B C …, so that a machine that speeds up or slows down does so for all. A pause
 * between blocks lets the last one's spinning threads fall asleep.
 *
 * @returns every step's milliseconds by contender
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, stepsPerRound, pauseMs = 300 }: { rounds: number; stepsPerRound: number; pauseMs?: number },
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      times.get(contender.name)!.push(...(await contender.run(stepsPerRound)));
    }
  }
  return times;
}
