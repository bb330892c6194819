/** Models in forms that are not read here, and what to give in their place. Each sentence goes on from the file's name. */
import { unzipSync } from "fflate";

/** What tells a form from its bytes, and what is said of it. */
interface ForeignForm {
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly says: string;
}

const EXPORT = `Export the module to ONNX in Python (docs/pytorch.md)`;

const SAVE_KERAS = `save the Keras model in Python, model.save("net.keras"), and give that file`;

const INSTEAD_OF_SAVED_MODEL =
  `Instead ${SAVE_KERAS}; where only the SavedModel is left, convert its folder: ` +
  `python -m tf2onnx.convert --saved-model FOLDER --output net.onnx.`;

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));

const forms: readonly ForeignForm[] = [
  {
    matches: (bytes) => bytes.length === 0,
    says: "is empty. Write or download it again.",
  },
  {
    matches: (bytes) => startsWith(bytes, "version https://git-lfs"),
    says: "is a pointer of Git LFS, not the file itself. Fetch it: git lfs pull.",
  },
  {
    matches: (bytes) => /^\s*<(!doctype html|html|\?xml)/i.test(headOf(bytes)),
    says: "is a web page or XML, no model. Download the file itself.",
  },
  {
    matches: (bytes) => entriesOf(bytes).some((name) => /(^|\/)(data|constants)\.pkl$/.test(name)),
    says: `holds a module or weights of PyTorch, pickled; a pickle may run any code, and is not read. ${EXPORT}.`,
  },
  {
    // A pickle of protocol 2 to 5, as torch.save wrote before 1.6.
    matches: ([first, second, third]) => first === 0x80 && second >= 2 && second <= 5 && third !== undefined,
    says: `is a pickle, as torch.save writes it; a pickle may run any code, and is not read. ${EXPORT}.`,
  },
  {
    matches: isSafetensors,
    says: `holds weights without the network they belong to. ${EXPORT}.`,
  },
  {
    matches: (bytes) => startsWith(bytes, "TFL3", 4),
    says: `is a TensorFlow Lite file, which keeps no layers. Instead ${SAVE_KERAS}.`,
  },
  {
    matches: isSavedModel,
    says: `is a part of a SavedModel, which keeps no layers. ${INSTEAD_OF_SAVED_MODEL}`,
  },
  {
    matches: isGraphDef,
    says: `is a frozen graph of TensorFlow, which keeps no layers. Instead ${SAVE_KERAS}.`,
  },
  {
    matches: (bytes) => startsWith(bytes, "ORTM", 4),
    says: "is in ONNX Runtime's own format (.ort). Give the .onnx file that it was made of.",
  },
  {
    matches: (bytes) => startsWith(bytes, "ODTC", 4),
    says:
      "is a checkpoint of ONNX Runtime Training, weights without the network. Give the forward model, or what " +
      "export_model_for_inferencing wrote (docs/from-onnxruntime-training.md).",
  },
  {
    matches: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b,
    says: "is compressed by gzip. Unpack it, and give what is inside.",
  },
];

/** What to do about a file that is no model we read; undefined where it may be one. */
export const foreignFile = (bytes: Uint8Array): string | undefined =>
  forms.find(({ matches }) => matches(bytes))?.says;

/** What to do about a folder, by the names in it. */
export function foreignFolder(names: readonly string[], folder: string): string {
  const has = (pattern: RegExp) => names.find((name) => pattern.test(name));
  if (has(/^saved_model\.pb(txt)?$/)) {
    return ` with a SavedModel, which keeps no layers. ${INSTEAD_OF_SAVED_MODEL}`;
  }
  if (has(/^model\.weights\.h5$/)) {
    return ` with the parts of a .keras file. Instead ${SAVE_KERAS}.`;
  }
  if (has(/^options\.json$/) && (has(/^checkpoint\.onnx$/) || has(/^metrics\.jsonl$/))) {
    return ` of a training that is not finished. Go on with it: alignreg train --resume --out ${folder}.`;
  }
  const onnx = has(/\.onnx$/i);
  if (onnx !== undefined) return `. Give the file in it: ${folder.replace(/\/$/, "")}/${onnx}.`;
  return " with no model in it. Give the path of a model's file.";
}

const headOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 64));

/** Names of a zip's entries; none for what is no zip, or a damaged one. */
export function entriesOf(bytes: Uint8Array): string[] {
  if (!startsWith(bytes, "PK\u0003\u0004")) return [];
  const names: string[] = [];
  try {
    unzipSync(bytes, { filter: ({ name }) => (names.push(name), false) });
  } catch {
    return [];
  }
  return names;
}

/** Eight bytes of a header's length, then the header, a JSON object. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= BigInt(bytes.length - 8);
}

/** The protobuf SavedModel: its version, which is 1, then graphs. ONNX has had greater versions there since 2017. */
const SAVED_MODEL = [0x08, 0x01, 0x12];

function isSavedModel(bytes: Uint8Array): boolean {
  return SAVED_MODEL.every((byte, i) => bytes[i] === byte);
}

/** The protobuf GraphDef: nodes (field 1), which begin with their names; ONNX's field 1 is a number. */
function isGraphDef(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x0a) return false;
  let at = 1;
  while (at < 5 && bytes[at] >= 0x80) at++;
  return bytes[at + 1] === 0x0a;
}
