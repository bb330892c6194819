import type { Kind } from "../kind.ts";
import { classMap, safetensorsFile, sidecar } from "./beside.ts";
import { cifar } from "./cifar.ts";
import { command } from "./command.ts";
import { gzippedIdx, plainIdx } from "./idx.ts";
import { hdf5, kerasArchive, layersFolder } from "./keras.ts";
import { onnx } from "./onnx.ts";
import { options } from "./options.ts";
import { picture } from "./pictures.ts";
import { state } from "./state.ts";
import { study } from "./study.ts";

/** By the name that `--kind` takes. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    onnx,
    keras: kerasArchive,
    h5: hdf5,
    tfjs: layersFolder,
    safetensors: safetensorsFile,
    beside: sidecar,
    "class-map": classMap,
    idx: plainIdx,
    gz: gzippedIdx,
    cifar,
    picture,
    study,
    command,
    state,
    options,
  }),
);
