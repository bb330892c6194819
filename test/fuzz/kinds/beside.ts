/** What lies beside an ONNX file: settings of Hugging Face and timm, weights as safetensors, maps of classes. */
import { readFileSync } from "node:fs";
import { loadClassMap, loadClassifier } from "../../../src/api/index.ts";
import { readModel, readSafetensors, writeSafetensors } from "../../../src/onnx/index.ts";
import { type TensorOf, float32 } from "../../../src/tensor/index.ts";
import { editBytes, joined } from "../edit-bytes.ts";
import { editJson, json, text } from "../edit-json.ts";
import { editText } from "../edit-text.ts";
import { fixture } from "../fixture.ts";
import type { Kind } from "../kind.ts";
import { type Edit, pick } from "../plan.ts";
import { modelRoad, noise, stage, testRoad } from "../road.ts";
import { words } from "../words.ts";

/** As the fixtures are, for five classes. */
function settings(folder: string, file: string, more: object = {}): Uint8Array {
  const bytes = Buffer.from(fixture(`hugging-face/${folder}/${file}`));
  const found = JSON.parse(bytes.toString()) as Record<string, unknown>;
  const names = ["cat", "dog", "eel", "fox", "gnu"];
  if ("id2label" in found) found.id2label = { ...names };
  if ("label_names" in found) Object.assign(found, { label_names: names, num_classes: names.length });
  return json({ ...found, ...more });
}

const processor = {
  do_normalize: true,
  image_mean: 0.5,
  image_std: [0.5, 0.4, 0.3],
  do_rescale: true,
  rescale_factor: 1 / 127.5,
  rescale_offset: true,
  include_top: false,
  size: { shortest_edge: 16 },
  crop_size: 16,
  do_center_crop: true,
  crop_pct: 0.9,
  do_flip_channel_order: false,
};

const folders: readonly (() => Map<string, Uint8Array>)[] = [
  ...["vit", "convnext"].map(
    (name) => () =>
      new Map(
        ["config.json", "preprocessor_config.json"].map((file) => [file, settings(name, file)] as const),
      ),
  ),
  () => new Map([["config.json", settings("timm", "config.json")]]),
  () =>
    new Map([
      ["config.json", settings("vit", "config.json")],
      ["preprocessor_config.json", json(processor)],
    ]),
];

export const sidecar: Kind = {
  share: 6,
  bases: folders.length,
  damage({ base, layer, edits }) {
    const files = pick(folders, base)();
    const hit = pick([...files.keys()], layer);
    files.set(hit, editJson(files.get(hit)!, edits, layer >>> 2));
    files.set("model.onnx", fixture("zoo/unused-heads-plain-opset17.onnx"));
    return { files };
  },
  walk: (walk) => modelRoad(walk, "model.onnx", noise([3, 16, 16], 5)),
};

const NET = "zoo/plain-convnet-plain-opset17.onnx";

function safetensors(): Uint8Array {
  const { graph } = readModel(fixture(NET));
  const floats = [...graph.initializers].filter(([, { dtype }]) => dtype === "float32");
  return writeSafetensors(new Map(floats));
}

export const safetensorsFile: Kind = {
  share: 4,
  bases: 1,
  damage({ layer, edits }) {
    const whole = safetensors();
    const files = new Map([["model.onnx", fixture(NET)]]);
    const level = layer % 6;
    if (level === 0) return { files: files.set("w.safetensors", editBytes(whole, edits)) };
    if (level === 1) {
      const index = json({
        metadata: {},
        weight_map: Object.fromEntries(namesIn(whole).map((name) => [name, "a.safetensors"])),
      });
      files.set("a.safetensors", whole);
      return { files: files.set("w.safetensors.index.json", editJson(index, edits, layer >>> 2)) };
    }
    if (level < 4) {
      const tensors = editTensors(whole, edits);
      return { files: files.set("w.safetensors", level === 2 ? tensors : editData(tensors, edits)) };
    }
    return { files: files.set("w.safetensors", withHeader(whole, edits, layer >>> 2)) };
  },
  async walk(walk, { files }) {
    const weights = [...files.keys()].find((name) => name.startsWith("w."))!;
    const classifier = await stage(walk, "load", () => loadClassifier("model.onnx", { weights }));
    if (classifier) await testRoad(walk, classifier, noise([3, 16, 16], 5));
  },
};

const lengthOf = (whole: Uint8Array) =>
  Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true));
const headerOf = (whole: Uint8Array) => whole.subarray(8, 8 + lengthOf(whole));
const namesIn = (whole: Uint8Array) =>
  Object.keys(JSON.parse(Buffer.from(headerOf(whole)).toString()) as object);

/** Other numbers behind a sound header: values that are not finite, or enormous. */
function editData(whole: Uint8Array, [[how, where, what]]: readonly Edit[]): Uint8Array {
  const bytes = whole.slice();
  const start = 8 + lengthOf(whole);
  const numbers = Math.floor((bytes.length - start) / 4);
  const value = pick([NaN, Infinity, -Infinity, 3e38, 1e-40, 0, -1, 1e10], what);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i <= how % 20; i++) view.setFloat32(start + 4 * ((where + 31 * i) % numbers), value, true);
  return bytes;
}

/** A sound file of other tensors: left out, renamed, of another shape or type, one more. */
function editTensors(whole: Uint8Array, list: readonly Edit[]): Uint8Array {
  const tensors = new Map(readSafetensors(whole, "w.safetensors"));
  for (const [how, where, what] of list) {
    const names = [...tensors.keys()];
    if (names.length === 0) break;
    const name = pick(names, where);
    const tensor = tensors.get(name)! as TensorOf<"float32">;
    const { shape, data } = tensor;
    switch (how % 7) {
      case 0:
        tensors.delete(name);
        break;
      case 1:
        tensors.delete(name);
        tensors.set(what % 2 === 0 ? `module.${name}` : pick(words, what), tensor);
        break;
      case 2:
        tensors.set(name, float32([...shape].reverse(), data));
        break;
      case 3:
        tensors.set(name, float32([data.length], data));
        break;
      case 4:
        tensors.set(pick([...words, "more.weight"], what), tensor);
        break;
      case 5:
        tensors.set(name, float32([...shape, 1], data));
        break;
      default:
        tensors.set(name, float32(shape.map((n, i) => (i === 0 ? 0 : n))));
    }
  }
  return writeSafetensors(tensors);
}

/** The header changed, and its length with it. */
function withHeader(whole: Uint8Array, edits: readonly Edit[], level: number): Uint8Array {
  const header = editJson(headerOf(whole), edits, level);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return joined(length, header, whole.subarray(8 + lengthOf(whole)));
}

const maps: readonly string[] = [
  JSON.stringify(["cat", "dog", "eel", "fox", "gnu"]),
  JSON.stringify({ "0": 1, "1": 0, "2": 2, "3": 3, "4": 4 }),
  "cat\ndog\neel\nfox\ngnu\n",
  "0 cat\n1 dog\n2 eel\n3 fox\n4 gnu\n",
  "n01440764 tench, Tinca tinca\nn01443537 goldfish\nn01484850 shark\nn01491361 tiger shark\nn01494475 hammerhead\n",
];

export const classMap: Kind = {
  share: 3,
  bases: maps.length,
  damage({ base, layer, edits }) {
    const map = pick(maps, base);
    const isJson = /^[[{]/.test(map);
    const damaged =
      layer % 5 === 0
        ? editBytes(text(map), edits)
        : isJson
          ? editJson(text(map), edits, layer)
          : text(editText(map, edits));
    return {
      files: new Map([
        ["map", damaged],
        ["model.onnx", fixture(NET)],
      ]),
    };
  },
  async walk(walk) {
    const map = await stage(walk, "read", () => loadClassMap("map"));
    if (map)
      await testRoad(walk, new Uint8Array(readFileSync("model.onnx")), noise([3, 16, 16], 5), {
        classMap: map,
      });
  },
};
