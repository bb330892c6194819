export { crc32 } from "./crc32.ts";
export { type GraphManifest, graphManifest } from "./graph-manifest.ts";
export {
  checkHasLayers,
  filesOfLayers,
  modelJsonName,
  readLayersFolder,
  singleFile,
} from "./layers-folder.ts";
export { layersInZip } from "./layers-zip.ts";
export { isKerasFile, ofFile, plainBytes, readKerasFile } from "./read-keras-file.ts";
export { joined, numbersAt, placesOf, quantizedShare } from "./stored-groups.ts";
export { ownText, ownValue, storedJson } from "./stored-json.ts";
export type { StoredModel } from "./stored-model.ts";
export { zipOf } from "./zip.ts";
