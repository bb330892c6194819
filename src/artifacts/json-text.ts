/** JSON as files of ours hold it. */
export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
