/** Keras' files: the zip archive, the JSON and the HDF5 file in it; files that are HDF5 as a whole; TensorFlow.js folders, of layers and of graphs. */
import { unzipSync, zipSync } from "fflate";
import { editBytes } from "../edit-bytes.ts";
import { editJson, json } from "../edit-json.ts";
import { fixture, fixtureFolder } from "../fixture.ts";
import type { Kind } from "../kind.ts";
import { type Edit, pick } from "../plan.ts";
import { modelRoad, noise } from "../road.ts";

interface Base {
  readonly name: string;
  readonly image: readonly [number, number, number];
  readonly classes: number;
}

const nets: readonly Base[] = [
  { name: "sequential", image: [1, 12, 12], classes: 5 },
  { name: "nested", image: [3, 12, 12], classes: 4 },
  { name: "group-norm", image: [3, 10, 10], classes: 3 },
  { name: "separable", image: [3, 12, 12], classes: 4 },
  { name: "normalization", image: [3, 10, 10], classes: 4 },
  { name: "sigmoid", image: [1, 8, 8], classes: 2 },
  { name: "frozen-layers", image: [2, 10, 10], classes: 3 },
  { name: "augmented", image: [3, 10, 10], classes: 3 },
];
const net = (name: string) => nets.find((each) => each.name === name)!;

const archives = nets.map((each) => ({ ...each, file: `keras/${each.name}.keras` }));

export const kerasArchive: Kind = {
  share: 7,
  bases: archives.length,
  damage({ base, layer, edits }) {
    const whole = fixture(pick(archives, base).file);
    const level = layer % 8;
    if (level === 0) return { files: new Map([["net.keras", editBytes(whole, edits)]]) };
    const inner: Record<string, Uint8Array> = unzipSync(whole);
    const hit = level < 6 ? "config.json" : level === 6 ? "metadata.json" : "model.weights.h5";
    inner[hit] = hit.endsWith(".json")
      ? editJson(inner[hit], edits, Math.floor(layer / 8))
      : editBytes(inner[hit], edits);
    return { files: new Map([["net.keras", zipSync(inner, { level: 0 })]]) };
  },
  walk(walk, _damaged, { base }) {
    const { image, classes } = pick(archives, base);
    return modelRoad(walk, "net.keras", noise(image, classes));
  },
};

const files: readonly (Base & { file: string })[] = [
  { ...net("sequential"), file: "keras/sequential.keras2.h5" },
  { ...net("sequential"), file: "keras/sequential.h5" },
  { ...net("nested"), file: "keras/nested.keras2.h5" },
  { ...net("separable"), file: "keras/separable.keras2.h5" },
  { ...net("normalization"), file: "keras/normalization.h5" },
];

export const hdf5: Kind = {
  share: 6,
  bases: files.length,
  damage({ base, layer, edits }) {
    const whole = fixture(pick(files, base).file);
    const damaged = layer % 2 === 0 ? editBytes(whole, edits) : editInnerJson(whole, edits, layer >>> 1);
    return { files: new Map([["net.h5", damaged]]) };
  },
  walk(walk, _damaged, { base }) {
    const { image, classes } = pick(files, base);
    return modelRoad(walk, "net.h5", noise(image, classes));
  },
};

/** The JSON of the layers inside an HDF5 file, changed where it stands: it must not grow. */
function editInnerJson(whole: Uint8Array, edits: readonly Edit[], level: number): Uint8Array {
  const file = Buffer.from(whole);
  const start = file.indexOf('{"class_name');
  const end = endOfJson(file, start);
  const damaged = editJson(whole.subarray(start, end), edits, level);
  if (damaged.length > end - start) return whole;
  file.fill(" ", start, end);
  file.set(damaged, start);
  return new Uint8Array(file);
}

/** Where the object that begins at `start` ends. */
function endOfJson(file: Buffer, start: number): number {
  let depth = 0;
  let isText = false;
  for (let at = start; at < file.length; at++) {
    const letter = String.fromCharCode(file[at]);
    if (isText && letter === "\\") at++;
    else if (letter === '"') isText = !isText;
    else if (!isText && letter === "{") depth++;
    else if (!isText && letter === "}" && --depth === 0) return at + 1;
  }
  throw new Error("The file has no JSON of layers.");
}

const layers = ["sequential", "nested"].flatMap((name) =>
  ["keras2", "keras3"].map((version) => ({ ...net(name), folder: `keras/${name}.${version}.tfjs` })),
);

const graphs: readonly (Base & { folder: string })[] = [
  { name: "residual", image: [3, 12, 12], classes: 4, folder: "graph-models/residual" },
  { name: "patches", image: [3, 16, 16], classes: 3, folder: "graph-models/patches" },
];

const folders: readonly (Base & { folder: string })[] = [...layers, ...graphs];

export const layersFolder: Kind = {
  share: 10,
  bases: folders.length,
  damage({ base, layer, edits }) {
    const found = fixtureFolder(pick(folders, base).folder);
    const names = [...found.keys()];
    const hit = layer % 5 < 4 ? "model.json" : pick(names, layer);
    const bytes = found.get(hit)!;
    found.set(
      hit,
      hit.endsWith(".json") ? editJson(bytes, edits, Math.floor(layer / 5)) : editBytes(bytes, edits),
    );
    if (layer % 7 === 0)
      found.set("metadata.json", editJson(json({ labels: ["a", "b", "c", "d"] }), edits, layer >>> 3));
    return { files: new Map([...found].map(([name, content]) => [`net/${name}`, content])) };
  },
  walk(walk, _damaged, { base, layer }) {
    const { image, classes } = pick(folders, base);
    return modelRoad(walk, layer % 2 === 0 ? "net" : "net/model.json", noise(image, classes));
  },
};
