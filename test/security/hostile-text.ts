/** What a name out of a file may hold to harm who reads it, and whether a text would do harm. */
import { expect } from "vitest";

/** Sets a terminal's title, clears it, turns the direction of what follows, forges a line of ours, and is markup everywhere. */
export const hostile =
  "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u2066x\u200b\u2028\nerror: forged line\n\r\t<script>alert(1)</script>|`=cmd&'\"\u007f";

/** The same without what file systems and command lines cannot hold. */
export const hostileName = hostile.replaceAll("/", "∕");

const harmful =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/u;

/** For a terminal, or a file that one reads in lines. */
export function expectHarmless(text: string, what: string): void {
  const [found] = harmful.exec(text) ?? [];
  const around = found === undefined ? "" : text.slice(Math.max(0, text.search(harmful) - 60)).slice(0, 80);
  expect(JSON.stringify(around), `${what} prints ${JSON.stringify(found)}`).toBe('""');
  const forged = text.split("\n").filter((line) => /^\s*(?:error: )?forged line|^error: forged/.test(line));
  expect(forged, `${what} has a line that is not ours`).toEqual([]);
}
