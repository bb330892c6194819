/** ONNX files of exporters, small, of many operators. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { editBytes } from "../edit-bytes.ts";
import { editOnnx } from "../edit-onnx.ts";
import { fixture } from "../fixture.ts";
import type { Kind } from "../kind.ts";
import { pick } from "../plan.ts";
import { modelRoad, noise } from "../road.ts";

interface Base {
  readonly file: string;
  readonly image: readonly [number, number, number];
  readonly classes: number;
  /** Its output is no [N, classes] and has no parameter: a layer in front and one behind make it a classifier. */
  readonly flattened?: true;
}

const zoo = (...names: readonly string[]): Base[] =>
  names.map((name) => ({ file: `zoo/${name}.onnx`, image: [3, 16, 16], classes: 5 }));
const chain = (name: string, image: readonly [number, number, number]): Base => ({
  file: `shape-chains/${name}.onnx`,
  image,
  classes: 4,
  flattened: true,
});

const bases: readonly Base[] = [
  ...zoo(
    "batch-norm-1d-plain-opset17",
    "batch-norm-dynamo-opset20",
    "batch-norm-over-weights-plain-opset17",
    "batch-norm-plain-opset17",
    "batch-norm-plain-opset17-batch4",
    "blur-pool-plain-opset17",
    "class-token-folded-opset17",
    "conv-1d-plain-opset17",
    "conv-3d-plain-opset17",
    "convolutional-attention-plain-opset17",
    "cosine-classifier-plain-opset17",
    "dynamic-tanh-plain-opset17",
    "einsum-attention-plain-opset17",
    "ensemble-plain-opset17",
    "expanded-scale-plain-opset17",
    "fixed-positions-plain-opset17",
    "flat-logits-plain-opset17",
    "gated-units-plain-opset17",
    "gem-pool-plain-opset17",
    "group-norm-plain-opset17",
    "hypernet-plain-opset17",
    "inception-plain-opset17-batch1",
    "instance-norm-plain-opset17",
    "layer-norm-dynamo-opset20",
    "layer-norm-plain-opset17",
    "low-rank-plain-opset17",
    "masked-attention-dynamo-opset20",
    "masked-kernel-plain-opset17",
    "maxout-plain-opset17",
    "mixture-plain-opset17",
    "plain-convnet-training-opset17",
    "prelu-plain-opset17",
    "prototypes-plain-opset17",
    "rms-norm-plain-opset17",
    "scalar-temperature-plain-opset17",
    "squeeze-excitation-plain-opset13",
    "standardized-kernel-plain-opset17",
    "tied-weights-plain-opset17",
    "two-outputs-plain-opset17",
    "unused-heads-dynamo-plain-opset18",
    "unused-heads-plain-opset17",
  ),
  { file: "keras-exports/plain-tensorflow.onnx", image: [3, 8, 8], classes: 2 },
  { file: "keras-exports/model-tensorflow.onnx", image: [3, 8, 8], classes: 3 },
  { file: "keras-exports/model-torch.onnx", image: [3, 8, 8], classes: 3 },
  chain("coordinates-opset17", [8, 8, 8]),
  chain("einsum-opset17", [8, 8, 8]),
  chain("interpolate-scale-opset17", [2, 4, 6]),
  chain("interpolate-twice-bilinear-opset13", [8, 8, 8]),
  chain("mean-by-count-opset17", [8, 8, 8]),
  chain("pad-to-multiple-opset17", [8, 8, 8]),
  chain("shuffle-channels-opset11", [8, 8, 8]),
  chain("unfold-opset11", [2, 3, 4]),
  chain("windows-opset17", [8, 8, 8]),
];

function bytesOf({ file, flattened, image: [channels] }: Base): Uint8Array {
  const bytes = fixture(file);
  if (!flattened) return bytes;
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const [input] = graph.input;
  graph.node.unshift(
    create(NodeProtoSchema, { opType: "Conv", input: ["images", "stem.weight"], output: [input.name] }),
  );
  input.name = "images";
  graph.initializer.push(
    create(TensorProtoSchema, {
      name: "stem.weight",
      dims: [channels, channels, 1, 1].map(BigInt),
      dataType: TensorProto_DataType.FLOAT,
      floatData: Array.from({ length: channels ** 2 }, (_, i) => (i % 7) / 10),
    }),
  );
  const [{ name, type }] = graph.output;
  graph.node.push(create(NodeProtoSchema, { opType: "Flatten", input: [name], output: ["logits"] }));
  if (type?.value.case === "tensorType") type.value.value.shape = undefined;
  graph.output = [create(ValueInfoProtoSchema, { name: "logits", type })];
  return toBinary(ModelProtoSchema, model);
}

export const onnx: Kind = {
  share: 40,
  bases: bases.length,
  damage({ base, layer, edits }) {
    const bytes = bytesOf(pick(bases, base));
    const level = layer % 5;
    const model =
      level === 0
        ? editBytes(bytes, edits)
        : editOnnx(bytes, edits, (i) => (level < 3 ? true : level === 3 ? false : i % 2 === 0));
    return { files: new Map([["model.onnx", model]]) };
  },
  async walk(walk, _damaged, { base }) {
    const { image, classes } = pick(bases, base);
    await modelRoad(walk, "model.onnx", noise(image, classes));
  },
};
