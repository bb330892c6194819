import { readModel, writeModel } from "../onnx/index.ts";
import { evenKernels } from "./webgpu-kernels.ts";

/** A file whose convolutions come out right on WebGPU. */
export function forWebgpu(bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes);
  return writeModel({ ...model, graph: evenKernels(model.graph) });
}
