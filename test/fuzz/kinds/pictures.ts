/** Folders of PNG and JPEG files, one of them damaged. */
import { editBytes } from "../edit-bytes.ts";
import { fixture } from "../fixture.ts";
import type { Kind } from "../kind.ts";
import { pick } from "../plan.ts";
import { dataRoad } from "../road.ts";

const pictures = [
  "rgb.png",
  "grey.png",
  "rgb.jpg",
  "grey.jpg",
  "cmyk.jpg",
  "palette.png",
  "interlaced.png",
  "rgba-16-bit.png",
  "rgb-progressive.jpg",
  "turned.jpg",
  "rgb-p3.png",
  "grey-1-bit.png",
];

export const picture: Kind = {
  share: 5,
  bases: pictures.length,
  damage({ base, edits }) {
    const name = pick(pictures, base);
    const damaged = editBytes(fixture(`image-files/${name}`), edits);
    const other = fixture("image-files/rgb.png");
    return {
      files: new Map([
        [`train/a/${name}`, damaged],
        ["train/a/whole.png", other],
        ["train/b/whole.png", other],
        [`test/a/${name}`, damaged],
        ["test/b/whole.png", other],
      ]),
    };
  },
  walk: (walk, _damaged, { layer }) => dataRoad(walk, layer % 3 === 1 ? {} : { size: 8, channels: 3 }),
};
