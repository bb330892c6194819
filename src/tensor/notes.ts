import { terminalMessage } from "../text/index.ts";

/** Where a sentence goes that a user should read. */
export type OnNote = (note: string) => void;

/**
 * What a user should know of a run: what was guessed, left out, not trained or is doubtful, a sentence each. Each is said
 * once, when it is known.
 */
export class Notes {
  readonly #said = new Set<string>();
  readonly #onNote: OnNote;

  /** @param onNote  default: a line on the console's stderr */
  // eslint-disable-next-line no-console -- a library has no other place; the note is escaped
  constructor(onNote: OnNote = (note) => console.warn(`alignreg: ${terminalMessage(note)}`)) {
    this.#onNote = onNote;
  }

  add(...notes: readonly string[]): void {
    for (const note of notes) {
      if (this.#said.has(note)) continue;
      this.#said.add(note);
      this.#onNote(note);
    }
  }

  /** All of them, in the order in which they were said. */
  get list(): readonly string[] {
    return [...this.#said];
  }
}
