/** The files of a layers model, as TensorFlow.js loads them. */
import type { LayersModel } from "../../keras/index.ts";
import { crc32, modelJsonName } from "../../keras/archive/index.ts";

/** TensorFlow.js' own converter cuts weights so: a page fetches the parts side by side, and browsers keep them. */
const SHARD = 4 * 2 ** 20;

/** What is told of a model in its model.json; TensorFlow.js gives it back as `getUserDefinedMetadata()`. */
type UserMetadata = Readonly<Record<string, unknown>>;

/**
 * model.json, and its weights in parts that are named for their content: whoever reads the folder while it is replaced finds the old
 * model or the new one.
 */
export function shardedFiles(model: LayersModel, metadata: UserMetadata): ReadonlyMap<string, Uint8Array> {
  const bytes = weightBytes(model);
  const count = Math.max(1, Math.ceil(bytes.length / SHARD));
  const hash = crc32(bytes).toString(16).padStart(8, "0");
  const shards = Array.from(
    { length: count },
    (_, i) => [`weights-${hash}-${i + 1}of${count}.bin`, bytes.subarray(i * SHARD, (i + 1) * SHARD)] as const,
  );
  const paths = shards.map(([name]) => name);
  return new Map([...shards, [modelJsonName, modelJson(model, paths, metadata)]]);
}

/** Whether a file has a name that only such shards have. */
export const isOwnShard = (name: string): boolean => /^weights-[0-9a-f]{8}-\d+of\d+\.bin$/.test(name);

/** model.json, and its weights in one file. */
export const singleFiles = (
  model: LayersModel,
  weightsName: string,
  metadata: UserMetadata,
): ReadonlyMap<string, Uint8Array> =>
  new Map([
    [modelJsonName, modelJson(model, [weightsName], metadata)],
    [weightsName, weightBytes(model)],
  ]);

/** What an exported model.json names as its maker. */
export const MAKER = "alignreg";

function modelJson(
  { topology, weights }: LayersModel,
  paths: readonly string[],
  userDefinedMetadata: UserMetadata,
): Uint8Array {
  const specs = weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" }));
  const json = {
    format: "layers-model",
    generatedBy: MAKER,
    convertedBy: null,
    modelTopology: topology,
    userDefinedMetadata,
    weightsManifest: [{ paths, weights: specs }],
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

/** Little-endian, as TensorFlow.js takes them and every processor that it runs on has them. */
function weightBytes({ weights }: LayersModel): Uint8Array {
  const bytes = new Uint8Array(4 * weights.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of weights) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
