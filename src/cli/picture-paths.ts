/** Paths of pictures as a command gets them: as arguments, and on standard input. */
import { checkLimit } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";

/** Stands for the paths on standard input. */
const STDIN = "-";

/** The paths, those on standard input in the place of `-`. @throws UsageError */
export async function picturePaths(
  given: readonly string[],
  stdin: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<string[]> {
  const piped = given.includes(STDIN) ? pathsIn(await allOf(stdin)) : [];
  return given.flatMap((path) => (path === STDIN ? piped : [path]));
}

/** A path a line, or ended by zero bytes, as `find -print0` writes them. @throws UsageError where there are none */
export function pathsIn(bytes: Uint8Array): string[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(
      `Standard input (-) holds no text. It takes the paths of pictures, one a line; write a picture itself to a file, and give ` +
        `its path.`,
      { cause },
    );
  }
  const paths = text.includes("\0") ? text.split("\0") : text.split(/\r?\n/);
  const found = paths.filter((path) => path !== "");
  if (found.length > 0) return found;
  throw new UsageError(
    `Standard input (-) is empty. It takes the paths of pictures, one a line, as from find or ls.`,
  );
}

async function allOf(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(Buffer.from(part as Uint8Array));
    length += part.length;
    checkLimit("labelsBytes", length, "The list of paths on standard input (-)");
  }
  return Buffer.concat(parts);
}
