/** One job under way. */
export interface Task {
  /** One step; everything it does is done when the promise resolves. */
  step(): Promise<void>;
  /** Gives back, until the next step, the threads that would take the processor from another contender. */
  rest(): Promise<void>;
  /** See `Block.check`. */
  check(): Record<string, number>;
}
