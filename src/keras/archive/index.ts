export { filesOfLayers, modelJsonName, readLayersFolder } from "./layers-folder.ts";
export { layersInZip } from "./layers-zip.ts";
export { isKerasFile, readKerasFile } from "./read-keras-file.ts";
export { storedJson } from "./stored-json.ts";
export type { StoredModel } from "./stored-model.ts";
