import { fixture } from "./fixture.ts";

/** A folder of twelve pictures in two classes, in both splits, by the paths of its files. */
export const pictureFolder = (folder: string): [string, Uint8Array][] =>
  ["train", "test"].flatMap((split) =>
    ["a", "b"].flatMap((name) =>
      [1, 2, 3, 4, 5, 6].map((i): [string, Uint8Array] => [
        `${folder}/${split}/${name}/${i}.png`,
        fixture("image-files/rgb.png"),
      ]),
    ),
  );
