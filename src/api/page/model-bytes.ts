/** A model's file, in the forms that pages have files in. */
import { bytesAt, responseBytes } from "../../data/page/index.ts";
import { checkLimit, isBytes, isThenable, kindOf, refuse } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { foreignFile } from "../foreign-models.ts";

/** The bytes of an ONNX file, where it lies, the answer of a server, or a `Blob` or `File`. */
export type PageModel = string | URL | Uint8Array | ArrayBuffer | Response | Blob;

export interface ModelBytes {
  readonly bytes: Uint8Array;
  /** What messages call it. */
  readonly name: string;
}

/** @throws UsageError for what is no ONNX file, DataError for one that cannot be fetched */
export async function modelBytes(source: PageModel): Promise<ModelBytes> {
  const read = await bytesOf(source);
  const foreign = foreignFile(read.bytes);
  if (foreign !== undefined) throw new UsageError(`${read.name} ${foreign}`);
  if (isKeras(read.bytes)) {
    throw new UsageError(
      `${read.name} is a Keras file. Read it first: loadClassifier(importKeras(bytes), { ort }), with importKeras of alignreg/browser.`,
    );
  }
  if (/^\s*\{/.test(new TextDecoder().decode(read.bytes.subarray(0, 64)))) {
    throw new UsageError(
      `${read.name} is JSON. Of a TensorFlow.js model give importKeras, or importGraphModel, a Map of its files, and what that makes to ` +
        `loadClassifier.`,
    );
  }
  return read;
}

async function bytesOf(source: PageModel): Promise<ModelBytes> {
  const kind = kindOf(source);
  if (isBytes(source)) return { bytes: source, name: "The model" };
  if (kind === "ArrayBuffer") return { bytes: new Uint8Array(source as ArrayBuffer), name: "The model" };
  if ((typeof source === "string" && source !== "") || kind === "URL") {
    const address = typeof source === "string" ? source : (source as URL).href;
    return { bytes: await bytesAt(address)(), name: address };
  }
  if (kind === "Response") {
    const response = source as Response;
    const name = response.url === "" ? "The model" : response.url;
    if (response.bodyUsed)
      throw new UsageError(`The answer for ${name} was read already. Give what was read, or fetch it again.`);
    return { bytes: await responseBytes(response, name), name };
  }
  if (kind === "Blob" || kind === "File") {
    const file = source as Blob & { readonly name?: string };
    const name = file.name ?? "The model";
    checkLimit("fileBytes", file.size, `The file ${name}`);
    return { bytes: new Uint8Array(await file.arrayBuffer()), name };
  }
  const needed = "the bytes of an ONNX file, its address, a Response, a File or a classifier";
  return refuse("loadClassifier", "source", source, needed, isThenable(source) ? "" : adviceOn(source));
}

function adviceOn(source: unknown): string {
  if (ArrayBuffer.isView(source)) return "Give new Uint8Array(array.buffer).";
  if (kindOf(source) === "FileList") return "Give one of them, input.files[0].";
  if (kindOf(source) === "HTMLInputElement") return "Give input.files[0].";
  return "";
}

/** A zip or HDF5. */
const isKeras = ([a, b, c, d]: Uint8Array): boolean =>
  (a === 0x50 && b === 0x4b) || (a === 0x89 && b === 0x48 && c === 0x44 && d === 0x46);
