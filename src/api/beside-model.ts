/** Files beside an ONNX file that say what is in it: those of Hugging Face's transformers, and of timm. */
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
import { LimitError } from "../options/index.ts";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";

/** Where the ONNX file of such a folder lies, the likelier first. */
export const onnxPlaces = ["model.onnx", "onnx/model.onnx"] as const;

/**
 * What `config.json` and `preprocessor_config.json` say, in the folder of a model or, where that is called `onnx`, in the one
 * above it; undefined where there are none of the two kinds that are known.
 *
 * @param path  of the ONNX file; undefined for bytes, beside which there is nothing
 * @throws UsageError for files that cannot be read, contradict each other or have members of other types than they should
 */
export async function factsBeside(path: string | undefined): Promise<BesideFacts | undefined> {
  if (path === undefined) return undefined;
  const own = dirname(path);
  const found = await factsIn(own);
  return found ?? (basename(own) === "onnx" ? await factsIn(dirname(own)) : undefined);
}

async function factsIn(folder: string): Promise<BesideFacts | undefined> {
  const places = { config: join(folder, "config.json"), pixels: join(folder, "preprocessor_config.json") };
  const config = await json(places.config);
  const preprocessor = await json(places.pixels);
  const isTimm = isTimmConfig(config);
  const facts: BesideFacts[] = [];
  if (isTimm) facts.push(timmFacts(config, places.config));
  if (isHuggingFaceConfig(config)) facts.push(huggingFaceClasses(config, places.config));
  // timm's preprocessor in transformers has all that it does in config.json.
  const isOfTimm = isTimm && !hasMean(preprocessor);
  if (preprocessor !== undefined && !isOfTimm) {
    facts.push(huggingFacePixels(preprocessor, config, places.pixels));
  }
  if (facts.length === 0) return undefined;
  return facts.reduce((all, next) => ({
    // Of a model of timm within transformers, either file may hold the names.
    ...agreed(all, next),
    pictures: all.pictures ?? next.pictures,
    source: [all, next]
      .flatMap(({ source }) => source.split(" and "))
      .filter(isFirst)
      .join(" and "),
    notes: [...all.notes, ...next.notes],
  }));
}

const isFirst = (name: string, i: number, all: readonly string[]): boolean => all.indexOf(name) === i;

const hasMean = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "image_mean" in value && value.image_mean != null;

/** The parsed file; undefined where there is none. */
async function json(path: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(path, "settingsBytes");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (cause instanceof LimitError) throw cause;
    throw new UsageError(`Cannot read ${path}, beside the model: ${(cause as Error).message}.`, { cause });
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (cause) {
    throw new UsageError(
      `${path}, beside the model, cannot be read as JSON: ${(cause as Error).message}. Write it anew, or move it away from the model.`,
      { cause },
    );
  }
}
