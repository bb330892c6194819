/** What a user should know, on stderr, which leaves stdout to results. */
export const printNote = (note: string): void => console.error(`note: ${note}`);
