/** Damage that only somebody who knows ONNX does: what a broken exporter, a bad merge, or an attacker writes. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { inferredOperators } from "../../src/onnx/index.ts";
import { editTree } from "./edit-tree.ts";
import { type Edit, pick } from "./plan.ts";
import { numbers, words } from "./words.ts";

type OnnxEdit = (model: ModelProto, where: number, what: number) => void;

const nodeAt = (model: ModelProto, where: number): NodeProto => pick(model.graph!.node, where);

/** Every name that stands for a value. */
const valueNames = ({ graph }: ModelProto): string[] => [
  ...graph!.input.map(({ name }) => name),
  ...graph!.initializer.map(({ name }) => name),
  ...graph!.node.flatMap(({ output }) => output),
];

const lengths = [...numbers, 8, 12, 27, 2 ** 33].map((n) => BigInt(Math.trunc(n)));

const int = (name: string, i: bigint) => create(AttributeProtoSchema, { name, type: Kind.INT, i });
const ints = (name: string, values: readonly bigint[]) =>
  create(AttributeProtoSchema, { name, type: Kind.INTS, ints: [...values] });

const attributeNames = [
  "axis",
  "axes",
  "perm",
  "pads",
  "strides",
  "dilations",
  "kernel_shape",
  "group",
  "to",
  "value",
  "keepdims",
  "mode",
  "equation",
  "epsilon",
  "momentum",
  "alpha",
  "output_shape",
  "ceil_mode",
  "auto_pad",
  "split",
  "num_outputs",
];

const edits: readonly OnnxEdit[] = [
  function otherInput(model, where, what) {
    const node = nodeAt(model, where);
    if (node.input.length > 0) node.input[where % node.input.length] = pick(valueNames(model), what);
  },
  function lostInput(model, where, what) {
    const node = nodeAt(model, where);
    node.input.splice(what % (node.input.length + 1), 1);
  },
  function oneInputMore(model, where, what) {
    const node = nodeAt(model, where);
    node.input.splice(what % (node.input.length + 1), 0, pick([...valueNames(model), ""], what));
  },
  function emptyInput(model, where, what) {
    const node = nodeAt(model, where);
    if (node.input.length > 0) node.input[what % node.input.length] = "";
  },
  function danglingName(model, where, what) {
    const node = nodeAt(model, where);
    node.input[what % Math.max(1, node.input.length)] = pick(words, what);
  },
  function cycle(model, where, what) {
    const nodes = model.graph!.node;
    const early = where % nodes.length;
    const late = early + (what % (nodes.length - early));
    if (nodes[early].input.length > 0) nodes[early].input[0] = nodes[late].output[0] ?? "";
  },
  function renameEverywhere(model, where, what) {
    const names = valueNames(model);
    const from = pick(names, where);
    const to = what % 2 === 0 ? pick(words, what >>> 1) : pick(names, what >>> 1);
    const renamed = (list: string[]) => list.map((name) => (name === from ? to : name));
    for (const node of model.graph!.node) {
      node.input = renamed(node.input);
      node.output = renamed(node.output);
    }
    for (const info of [...model.graph!.input, ...model.graph!.initializer, ...model.graph!.output])
      if (info.name === from) info.name = to;
  },
  function otherOperator(model, where, what) {
    nodeAt(model, where).opType = pick(
      [...inferredOperators, "If", "Loop", "Attention", "CastLike", ...words],
      what,
    );
  },
  function otherDomain(model, where, what) {
    nodeAt(model, where).domain = pick(["com.microsoft", "ai.onnx", "ai.onnx.ml", "x", "__proto__"], what);
  },
  function lostNode(model, where) {
    model.graph!.node.splice(where % model.graph!.node.length, 1);
  },
  function nodeTwice(model, where, what) {
    const node = structuredClone(nodeAt(model, where));
    if (what % 2 === 0) node.output = node.output.map((name) => `${name}/again`);
    model.graph!.node.push(node);
  },
  function otherOutputs(model, where, what) {
    const node = nodeAt(model, where);
    if (what % 3 === 0) node.output = [];
    else if (what % 3 === 1) node.output.push("more");
    else node.output.unshift("");
  },
  function lostAttribute(model, where, what) {
    const { attribute } = withAttributes(model, where);
    if (attribute.length > 0) attribute.splice(what % attribute.length, 1);
  },
  function otherNumbers(model, where, what) {
    const { attribute } = withAttributes(model, where);
    if (attribute.length === 0) return;
    const one = pick(attribute, what);
    const length = pick(lengths, Math.floor(what / 8));
    if (one.ints.length > 0) one.ints[what % one.ints.length] = length;
    else if (one.type === Kind.FLOAT) one.f = pick([NaN, Infinity, 0, -1, 1e-40, 1e38], what);
    else if (one.type === Kind.STRING)
      one.s = new TextEncoder().encode(pick(["SAME_UPPER", "VALID", "edge", "cubic", ...words], what >>> 3));
    else one.i = length;
  },
  function listOfOtherLength(model, where, what) {
    const { attribute } = withAttributes(model, where);
    const list = attribute.find((one) => one.ints.length > 0);
    if (list) list.ints = Array.from({ length: what % 7 }, (_, i) => list.ints[i % list.ints.length]);
  },
  function otherTypeOfAttribute(model, where, what) {
    const { attribute } = withAttributes(model, where);
    if (attribute.length === 0) return;
    const one = pick(attribute, what);
    one.type = (what >>> 2) % 14;
    if (what % 3 === 0) one.refAttrName = "outer";
  },
  function oneAttributeMore(model, where, what) {
    const name = pick([...attributeNames, ...words], what);
    const length = pick(lengths, Math.floor(what / 16));
    const kind = what % 4;
    nodeAt(model, where).attribute.push(
      kind === 0
        ? int(name, length)
        : kind === 1
          ? ints(
              name,
              Array.from({ length: what % 6 }, () => length),
            )
          : kind === 2
            ? create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: 0.5 })
            : create(AttributeProtoSchema, { name, type: Kind.STRING, s: new TextEncoder().encode("x") }),
    );
  },
  function otherElementType(model, where, what) {
    const tensors = model.graph!.initializer;
    if (tensors.length > 0) pick(tensors, where).dataType = what % 28;
  },
  function castTensor(model, where, what) {
    const tensors = model.graph!.initializer;
    if (tensors.length === 0) return;
    const tensor = pick(tensors, where);
    const size = tensor.dims.reduce((a, b) => a * b, 1n);
    if (size > 10_000n || size < 0n) return;
    const [dataType, bytes] = pick(
      [
        [1, 4],
        [2, 1],
        [6, 4],
        [7, 8],
        [9, 1],
        [10, 2],
        [11, 8],
      ] as const,
      what,
    );
    tensor.dataType = dataType;
    tensor.rawData = new Uint8Array(Number(size) * bytes).fill(what % 3);
  },
  function otherDims(model, where, what) {
    const tensors = model.graph!.initializer;
    if (tensors.length === 0) return;
    const { dims } = pick(tensors, where);
    if (what % 4 === 0) dims.reverse();
    else if (what % 4 === 1) dims.push(pick(lengths, what >>> 2));
    else if (what % 4 === 2) dims.pop();
    else dims[(what >>> 2) % Math.max(1, dims.length)] = pick(lengths, what >>> 5);
  },
  function otherShape(model, where, what) {
    const tensors = model.graph!.initializer.filter(({ dims }) => dims.length > 0);
    if (tensors.length === 0) return;
    const tensor = pick(tensors, where);
    const axis = what % tensor.dims.length;
    const length = [0n, 1n, 2n, 3n, 5n, 7n][(what >>> 3) % 6];
    const before = tensor.dims.reduce((a, b) => a * b, 1n);
    tensor.dims[axis] = length;
    const size = Number(tensor.dims.reduce((a, b) => a * b, 1n));
    if (size > 100_000 || size < 0 || before <= 0n || tensor.rawData.length === 0) return;
    const bytes = new Uint8Array(size * (tensor.rawData.length / Number(before)));
    bytes.set(tensor.rawData.subarray(0, bytes.length));
    tensor.rawData = bytes;
  },
  function oddWeights(model, where, what) {
    const tensors = model.graph!.initializer.filter(
      ({ dataType, rawData }) => dataType === 1 && rawData.length >= 4,
    );
    if (tensors.length === 0) return;
    const tensor = pick(tensors, where);
    tensor.rawData = tensor.rawData.slice();
    const view = new DataView(tensor.rawData.buffer);
    const value = pick([NaN, Infinity, -Infinity, 1e38, 1e-42, 0, -1], what);
    if (what % 2 === 0) view.setFloat32(0, value, true);
    else for (let i = 0; i + 4 <= tensor.rawData.length; i += 4) view.setFloat32(i, value, true);
  },
  function oddIntegers(model, where, what) {
    const tensors = model.graph!.initializer.filter(
      ({ dataType, rawData }) => dataType === 7 && rawData.length >= 8,
    );
    if (tensors.length === 0) return;
    const tensor = pick(tensors, where);
    tensor.rawData = tensor.rawData.slice();
    const at = 8 * (what % (tensor.rawData.length / 8));
    new DataView(tensor.rawData.buffer).setBigInt64(at, pick(lengths, what >>> 3), true);
  },
  function constantNode(model, where) {
    const tensors = model.graph!.initializer;
    if (tensors.length === 0) return;
    const [tensor] = tensors.splice(where % tensors.length, 1);
    const value = create(AttributeProtoSchema, { name: "value", type: Kind.TENSOR, t: tensor });
    model.graph!.node.unshift(
      create(NodeProtoSchema, { opType: "Constant", output: [tensor.name], attribute: [value] }),
    );
  },
  function initializerTwice(model, where) {
    const tensors = model.graph!.initializer;
    if (tensors.length > 0) tensors.push(pick(tensors, where));
  },
  function external(model, where, what) {
    const tensors = model.graph!.initializer;
    if (tensors.length === 0) return;
    const tensor = pick(tensors, where);
    tensor.dataLocation = 1;
    const location = pick(
      ["weights.bin", "model.onnx", "missing", "../x", ".", "", "/dev/zero", "a/../model.onnx"],
      what,
    );
    const offset = pick(["0", "-1", "4", "1e3", "99999999999", "x"], what >>> 3);
    const length = pick(["", "0", "16", "-5", "99999999999999", "NaN"], what >>> 6);
    tensor.externalData = [
      { $typeName: "onnx.StringStringEntryProto", key: "location", value: location },
      { $typeName: "onnx.StringStringEntryProto", key: "offset", value: offset },
      ...(length
        ? [{ $typeName: "onnx.StringStringEntryProto" as const, key: "length", value: length }]
        : []),
    ];
  },
  function otherOpset(model, _where, what) {
    const version = pick(
      [
        0n,
        -1n,
        1n,
        7n,
        8n,
        9n,
        10n,
        11n,
        12n,
        13n,
        14n,
        15n,
        16n,
        18n,
        19n,
        21n,
        23n,
        24n,
        26n,
        27n,
        99n,
        2n ** 40n,
      ],
      what,
    );
    for (const entry of model.opsetImport) if (entry.domain === "") entry.version = version;
  },
  function otherOpsets(model, where, what) {
    const domain = pick(["", "ai.onnx", "ai.onnx.ml", "__proto__", "com.microsoft"], where);
    if (what % 3 === 0) model.opsetImport = [];
    else model.opsetImport.push({ $typeName: "onnx.OperatorSetIdProto", domain, version: BigInt(what % 30) });
  },
  function otherImages(model, _where, what) {
    const type = model.graph!.input[0]?.type?.value;
    if (type?.case !== "tensorType") return;
    const dims = type.value.shape?.dim;
    if (what % 5 === 0) type.value.elemType = what % 24;
    else if (what % 5 === 1) type.value.shape = undefined;
    else if (dims && dims.length > 0) {
      const dim = pick(dims, what >>> 3);
      dim.value =
        what % 5 === 2
          ? { case: undefined }
          : what % 5 === 3
            ? { case: "dimParam", value: pick(words, what >>> 5) }
            : { case: "dimValue", value: pick(lengths, what >>> 5) };
    }
  },
  function otherGraphOutput(model, where, what) {
    const { output } = model.graph!;
    if (what % 3 === 0) output.push(create(ValueInfoProtoSchema, { name: pick(valueNames(model), where) }));
    else if (what % 3 === 1) output.unshift({ ...output[0], name: pick(valueNames(model), where) });
    else if (output.length > 0) output[0].name = pick(valueNames(model), where);
  },
  function insideIf(model, where, what) {
    const depth = [1, 2, 3, 30, 300][what % 5];
    const i = where % model.graph!.node.length;
    let inner = model.graph!.node[i];
    const outputs = inner.output;
    const test = create(TensorProtoSchema, {
      name: "test/if",
      dataType: 9,
      rawData: Uint8Array.of(what & 1),
    });
    model.graph!.initializer.push(test);
    for (let n = 0; n < depth; n++) {
      const suffix = `/${n}`;
      const body = structuredClone(inner);
      body.output = body.output.map((name) => name && name + suffix);
      const branch = create(GraphProtoSchema, {
        name: `branch${suffix}`,
        node: [body],
        output: body.output.map((name) => create(ValueInfoProtoSchema, { name })),
      });
      const attribute = ["then_branch", "else_branch"].map((name) =>
        create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: branch }),
      );
      // Else each level would double the file.
      if (n > 2) attribute.pop();
      inner = create(NodeProtoSchema, { opType: "If", input: ["test/if"], output: outputs, attribute });
    }
    model.graph!.node[i] = inner;
  },
  function localFunction(model, where, what) {
    const node = nodeAt(model, where);
    const formal = node.input.map((_, i) => `in${i}`);
    const body = structuredClone(node);
    body.input = node.input.map((name, i) => name && formal[i]);
    const isRecursive = what % 3 === 0;
    if (isRecursive) Object.assign(body, { opType: "fuzzed", domain: "local" });
    model.functions.push(
      create(FunctionProtoSchema, {
        name: "fuzzed",
        domain: "local",
        input: formal,
        output: node.output,
        node: what % 3 === 1 ? [body, structuredClone(body)] : [body],
        opsetImport: what % 2 === 0 ? model.opsetImport : [],
      }),
    );
    model.opsetImport.push({ $typeName: "onnx.OperatorSetIdProto", domain: "local", version: 1n });
    Object.assign(node, { opType: "fuzzed", domain: "local", attribute: [] });
  },
  function oddMetadata(model, where, what) {
    const key = pick(
      [
        "alignreg",
        "names",
        "classes",
        "alignreg.mean",
        ...model.metadataProps.map((pair) => pair.key),
        ...words,
      ],
      where,
    );
    const value = pick(["{", "[]", "null", '{"0":"a"}', "{0: 'a', 1: 'b'}", '["a"]', ...words], what);
    model.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", key, value });
  },
];

/** A node that has attributes, if there is one. */
function withAttributes(model: ModelProto, where: number): NodeProto {
  const nodes = model.graph!.node.filter(({ attribute }) => attribute.length > 0);
  return nodes.length > 0 ? pick(nodes, where) : nodeAt(model, where);
}

/** @param ofFormat  damage of the format's own; otherwise of any field of its messages */
export function editOnnx(
  bytes: Uint8Array,
  list: readonly Edit[],
  ofFormat: (i: number) => boolean,
): Uint8Array {
  let now = bytes;
  list.forEach((edit, i) => {
    const [how, where, what] = edit;
    try {
      const model = fromBinary(ModelProtoSchema, now);
      if (!model.graph || model.graph.node.length === 0) return;
      if (ofFormat(i)) pick(edits, how)(model, where, what);
      else editTree(model, [edit], { isTyped: true });
      now = toBinary(ModelProtoSchema, model);
    } catch {
      // No file has a number that its field cannot hold; and one that is nested too deep cannot be changed any more.
    }
  });
  return now;
}
