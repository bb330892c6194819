/** `classifier.json` beside a model: what it takes to run it, for who cannot read ONNX metadata. */
export { type SidecarForm, type TrainingRecord } from "./describe.ts";
export { sidecarFile } from "./make-sidecar.ts";
export { type FoundSidecar, type ModelContent, readSidecar, sidecarFacts } from "./read-sidecar.ts";
export { sidecarName } from "./sidecar-name.ts";
export { checkSidecarPlace, layersWithSidecar, writeWithSidecar } from "./write-sidecar.ts";
