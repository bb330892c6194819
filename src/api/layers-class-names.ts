import { isRecord } from "../options/index.ts";

/**
 * The classes that a TensorFlow.js folder names, in the order of its outputs: what `alignreg/tfjs` left in model.json's
 * userDefinedMetadata, or `labels` there or in a metadata.json beside it, as Teachable Machine writes it; or what ml5 0.x left
 * in model.json.
 */
export function layersClassNames(files: ReadonlyMap<string, Uint8Array>): readonly string[] | undefined {
  const model = jsonOf(files.get("model.json"));
  const metadata = member(model, "userDefinedMetadata");
  const found = [
    member(member(metadata, "alignreg"), "classNames"),
    member(metadata, "labels"),
    member(jsonOf(files.get("metadata.json")), "labels"),
    member(member(model, "ml5Specs"), "mapStringToIndex"),
  ];
  return found.find(areNames);
}

const member = (record: unknown, name: string): unknown =>
  isRecord(record) && Object.hasOwn(record, name) ? record[name] : undefined;

const areNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");

function jsonOf(bytes: Uint8Array | undefined): unknown {
  if (!bytes) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
