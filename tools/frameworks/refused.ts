/** What no exporter's file can be trained with, why, and what was tried in its place. */
export interface Refused {
  readonly what: string;
  readonly why: string;
  readonly instead: string;
}

export const refused: readonly Refused[] = [];
