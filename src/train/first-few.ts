/** The first three of a list, for a message. */
export const firstFew = (names: readonly string[]): string =>
  names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
