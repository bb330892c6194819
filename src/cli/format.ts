/** A fraction as percent with one decimal: 0.979 → `97.9`. */
export const percent = (fraction: number): string => (100 * fraction).toFixed(1);

/** A count with thousands apart: `60,000`. */
export const count = (value: number): string => Math.round(value).toLocaleString("en");

/** `1 epoch`, `2 epochs`. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A span of time: minutes and seconds, as 0:08 or 12:05, with hours where there are some, as 2:05:00. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const twoDigits = (value: number) => String(value % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  return hours === 0
    ? `${minutes}:${twoDigits(whole)}`
    : `${hours}:${twoDigits(minutes)}:${twoDigits(whole)}`;
}

/** Bytes as "9.7 MB", "412 kB" or "96 bytes", in powers of ten. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  return bytes < 999_500 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
