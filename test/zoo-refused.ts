/** Files of the zoo that cannot be trained: each is refused with a named error, never trained wrongly. */
export const refusedForms: ReadonlySet<string> = new Set<string>([]);
