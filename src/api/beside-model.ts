/** Files beside a model that say what is in it: our own classifier.json, those of Hugging Face's transformers, and of timm. */
import { basename, dirname, join } from "node:path";
import {
  type BesideFacts,
  agreed,
  huggingFaceClasses,
  huggingFacePixels,
  isHuggingFaceConfig,
  isTimmConfig,
  timmFacts,
} from "../models/index.ts";
import { jsonBeside } from "./json-beside.ts";
import { type ModelContent, readSidecar, sidecarFacts } from "./sidecar/index.ts";

/** Where the ONNX file of such a folder lies, the likelier first. */
export const onnxPlaces = ["model.onnx", "onnx/model.onnx"] as const;

/**
 * What `classifier.json` says beside an ONNX file, where it is this model's, and what `config.json` and `preprocessor_config.json` say,
 * in its folder or, where that is called `onnx`, in the one above it; undefined where there are none of the kinds that are known.
 *
 * @param path  of the ONNX file; undefined for bytes, beside which there is nothing
 * @throws UsageError for files that cannot be read, contradict each other or have members of other types than they should
 */
export async function factsBeside(
  path: string | undefined,
  content: ModelContent,
): Promise<BesideFacts | undefined> {
  if (path === undefined) return undefined;
  const own = dirname(path);
  const found = await factsIn(own);
  const theirs = found ?? (basename(own) === "onnx" ? await factsIn(dirname(own)) : undefined);
  const sidecar = await readSidecar(path, content);
  return [theirs, sidecar && sidecarFacts(sidecar)]
    .filter((facts) => facts !== null && facts !== undefined)
    .reduce<BesideFacts | undefined>(joined, undefined);
}

/** @throws UsageError where they differ */
function joined(all: BesideFacts | undefined, next: BesideFacts): BesideFacts {
  if (!all) return next;
  return {
    ...agreed(all, next),
    ...(next.isOwn && { isOwn: true }),
    source: [all, next]
      .flatMap(({ source }) => source.split(" and "))
      .filter(isFirst)
      .join(" and "),
    notes: [...all.notes, ...next.notes],
  };
}

async function factsIn(folder: string): Promise<BesideFacts | undefined> {
  const places = { config: join(folder, "config.json"), pixels: join(folder, "preprocessor_config.json") };
  const config = await jsonBeside(places.config);
  const preprocessor = await jsonBeside(places.pixels);
  const isTimm = isTimmConfig(config);
  const facts: BesideFacts[] = [];
  if (isTimm) facts.push(timmFacts(config, places.config));
  if (isHuggingFaceConfig(config)) facts.push(huggingFaceClasses(config, places.config));
  // timm's preprocessor in transformers has all that it does in config.json.
  const isOfTimm = isTimm && !hasMean(preprocessor);
  if (preprocessor !== undefined && !isOfTimm) {
    facts.push(huggingFacePixels(preprocessor, config, places.pixels));
  }
  // Of a model of timm within transformers, either file may hold the names.
  return facts.reduce<BesideFacts | undefined>(joined, undefined);
}

const isFirst = (name: string, i: number, all: readonly string[]): boolean => all.indexOf(name) === i;

const hasMean = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "image_mean" in value && value.image_mean != null;
