export { crc32 } from "./crc32.ts";
export { filesOfLayers, modelJsonName, readLayersFolder, singleFile } from "./layers-folder.ts";
export { layersInZip } from "./layers-zip.ts";
export { isKerasFile, readKerasFile } from "./read-keras-file.ts";
export { storedJson } from "./stored-json.ts";
export type { StoredModel } from "./stored-model.ts";
export { zipOf } from "./zip.ts";
