/**
 * ONNX files: bytes to {@link Model} and back.
 *
 * Sparse initializers are refused by name rather than dropped in silence; of training info, which no runtime reads, is said
 * that it was there.
 * Attributes that hold subgraphs are carried through as bytes, so that a model with an `If` can still be tested.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { checkLimit, isBytes, isRecord, refuse } from "../options/index.ts";
import { type Tensor, ownArray } from "../tensor/index.ts";
import { ModelError } from "./errors.ts";
import { type ExternalData, checkExternalSize, isExternal, locationOf } from "./external-data.ts";
import type { Dim, Graph, Model, ValueInfo } from "./graph.ts";
import { embedExternal } from "./embed-external.ts";
import { tensorsHeld } from "./held-tensors.ts";
import { inlineFunctions } from "./local-functions.ts";
import { readNode, writeNode } from "./node-proto.ts";
import { type Pairs, readPairs, writePairs } from "./pairs.ts";
import { dataTypeOf, dtypeOf, tensorFromProto, tensorToProto } from "./tensor-proto.ts";
import { topologicalOrder } from "./topological-order.ts";
import { readablePart } from "./unreadable.ts";

/**
 * Reads an ONNX file.
 *
 * @param bytes   the file
 * @param source  what to call it in messages, e.g. its path
 * @param external  contents of the files beside it that hold its tensors (`externalLocations` names them)
 * @throws ModelError for bytes that are no ONNX model, damaged tensors, cycles, and what is not supported
 */
export function readModel(
  bytes: Uint8Array,
  source = "The model",
  external: ExternalData = new Map(),
): Model {
  if (!isBytes(bytes)) {
    const advice = typeof bytes === "string" ? "Read the file first: await readFile(path)." : "";
    refuse("readModel", "bytes", bytes, "the bytes of an ONNX file", advice);
  }
  let proto: ModelProto;
  try {
    proto = fromBinary(ModelProtoSchema, ownArray(bytes));
  } catch (cause) {
    throw new ModelError(
      `${source} is not an ONNX file, or it is cut off (${bytes.length} bytes: ${(cause as Error).message}). ` +
        `Export or download it again.`,
      { cause },
    );
  }
  const graph = proto.graph;
  if (!graph || (graph.node.length === 0 && graph.output.length === 0 && graph.initializer.length === 0)) {
    throw new ModelError(`${source} holds no ONNX graph. Give the path of an .onnx file.`);
  }
  if (graph.sparseInitializer.length > 0) {
    throw new ModelError(`${source} has sparse initializers. Export it with dense weights.`);
  }

  checkLimit("nodes", graph.node.length, source);
  const part = readablePart(graph, (tensor) => isExternal(tensor) && !external.has(locationOf(tensor)));
  const held = [...part.nodes, ...proto.functions.flatMap(({ node }) => node)].flatMap(tensorsHeld);
  checkExternalSize([...part.initializers, ...held], external, source);
  const initializers = new Map<string, Tensor>();
  for (const tensor of part.initializers) {
    if (initializers.has(tensor.name)) {
      throw new ModelError(`${source} has two initializers named "${tensor.name}".`);
    }
    const where = `${source}: initializer "${tensor.name}"`;
    initializers.set(tensor.name, tensorFromProto(tensor, where, external));
  }
  // Old exporters list initializers among the inputs too; here an initializer is never an input.
  const inputs = graph.input.filter((i) => !initializers.has(i.name)).map((i) => readValueInfo(i, source));
  const twice = inputs.find((input, i) => inputs.findIndex((other) => other.name === input.name) < i);
  if (twice) throw new ModelError(`${source} has two inputs named "${twice.name}".`);
  const opset = proto.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
  const called = inlineFunctions(part.nodes, proto.functions, opset, source);
  for (const node of called) embedExternal(node, external);
  const nodes = called.map(readNode);
  const ordered = topologicalOrder(nodes, [...inputs.map((i) => i.name), ...initializers.keys()]);
  const said = metadataOf([...graph.valueInfo, ...graph.initializer, ...graph.input, ...graph.output]);
  const made = new Set([
    ...inputs.map((i) => i.name),
    ...initializers.keys(),
    ...nodes.flatMap((n) => n.outputs),
  ]);
  for (const output of part.outputs) {
    if (!made.has(output.name)) {
      throw new ModelError(`${source}: nothing makes the graph output "${output.name}".`);
    }
  }
  return {
    irVersion: Number(proto.irVersion),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(" "),
    metadata: readPairs(proto.metadataProps),
    graph: {
      name: graph.name,
      inputs,
      outputs: part.outputs.map((o) => readValueInfo(o, source)),
      nodes: ordered,
      initializers,
      opsets: new Map(
        proto.opsetImport.map((o) => [o.domain === "ai.onnx" ? "" : o.domain, Number(o.version)] as const),
      ),
      ...(graph.metadataProps.length > 0 && { metadata: readPairs(graph.metadataProps) }),
      ...(said.size > 0 && { valueMetadata: said }),
    },
    ...(part.leftOut.length > 0 && { leftOut: part.leftOut }),
    ...(proto.trainingInfo.length > 0 && { hadTrainingInfo: true as const }),
  };
}

/** What is said of values: of inputs and outputs, initializers, and those in between. */
const metadataOf = (infos: readonly (ValueInfoProto | TensorProto)[]): Map<string, Pairs> =>
  new Map(
    infos.flatMap(({ name, metadataProps }) =>
      metadataProps.length > 0 ? [[name, readPairs(metadataProps)] as const] : [],
    ),
  );

/**
 * Writes an ONNX file. Equal models give equal bytes. What is said of a value between the nodes is left out, as its type
 * is not kept.
 *
 * @param inner  values inside the graph that are outputs too, whatever their types
 */
export function writeModel(model: Model, { inner = [] }: { inner?: readonly string[] } = {}): Uint8Array {
  checkParts("writeModel", model, "graph", "a model, as modelOf makes it of a graph");
  const { graph } = model;
  const said = graph.valueMetadata;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(model.irVersion),
      producerName: model.producer,
      metadataProps: writePairs(model.metadata),
      opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
      graph: {
        name: graph.name,
        metadataProps: writePairs(graph.metadata),
        input: graph.inputs.map((info) => writeValueInfo(info, said?.get(info.name))),
        output: [
          ...graph.outputs.map((info) => writeValueInfo(info, said?.get(info.name))),
          ...inner.map((name) => create(ValueInfoProtoSchema, { name })),
        ],
        node: graph.nodes.map(writeNode),
        initializer: [...graph.initializers].map(([name, t]) => tensorToProto(t, name)),
        valueInfo: [...graph.initializers].flatMap(([name, { dtype, shape }]) =>
          said?.has(name) ? [writeValueInfo({ name, dtype, shape }, said.get(name))] : [],
        ),
      },
    }),
  );
}

/** A file around a graph that was built here. IR version 8 is the one that goes with opset 15 to 18. */
export function modelOf(graph: Graph, metadata: Record<string, string> = {}): Model {
  checkParts("modelOf", graph, "nodes", "a graph");
  return { graph, irVersion: (graph.opsets.get("") ?? 0) > 18 ? 10 : 8, producer: "alignreg", metadata };
}

/** What has the part is taken for the whole: who calls this in plain JavaScript mixes up graph, model and classifier. */
function checkParts(where: string, value: unknown, part: "graph" | "nodes", needed: string): void {
  if (isRecord(value) && typeof value[part] === "object" && value[part] !== null) return;
  const graph = isRecord(value) && isRecord(value.graph);
  refuse(where, part === "graph" ? "model" : "graph", value, needed, graph ? "Give its member graph." : "");
}

function readValueInfo(proto: ValueInfoProto, source: string): ValueInfo {
  const where = `${source}: value "${proto.name}"`;
  const type = proto.type?.value;
  if (type?.case !== "tensorType") {
    throw new ModelError(
      `${where} is no tensor (${type?.case ?? "no type is stated"}). Only tensors are supported.`,
    );
  }
  const shape = type.value.shape?.dim.map(({ value }): Dim => {
    if (value.case === "dimValue") return Number(value.value);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
  return { name: proto.name, dtype: dtypeOf(type.value.elemType, where), shape: shape ?? null };
}

const writeValueInfo = ({ name, dtype, shape }: ValueInfo, metadata?: Pairs): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    metadataProps: writePairs(metadata),
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: dataTypeOf(dtype),
          shape: shape ? { dim: shape.map((dim) => ({ value: writeDim(dim) })) } : undefined,
        },
      },
    },
  });

function writeDim(dim: Dim) {
  if (dim === null) return { case: undefined };
  return typeof dim === "number"
    ? { case: "dimValue" as const, value: BigInt(dim) }
    : { case: "dimParam" as const, value: dim };
}
