/** ONNX files whose tensors lie in other files, in every place that a file has for a tensor. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Kind,
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from "onnx-buf";

const FLOAT = TensorProto_DataType.FLOAT;

/** A tensor [classes] in another file. */
export const externalTensor = (location: string, name = "w", offset = 0, length = 4 * CLASSES): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dims: [BigInt(CLASSES)],
    dataType: FLOAT,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries({ location, offset: String(offset), length: String(length) }).map(
      ([key, value]) => ({
        key,
        value,
      }),
    ),
  });

export const CLASSES = 10;

export const node = (
  opType: string,
  input: string[],
  output: string[],
  attribute: AttributeProto[] = [],
  domain = "",
): NodeProto =>
  create(NodeProtoSchema, { opType, domain, name: `${opType}_${output[0] ?? ""}`, input, output, attribute });

export const ints = (name: string, values: number[]): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Kind.INTS, ints: values.map(BigInt) });
export const int = (name: string, value: number): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) });
export const tensorIn = (t: TensorProto): AttributeProto =>
  create(AttributeProtoSchema, { name: "value", type: Kind.TENSOR, t });
const graphIn = (name: string, g: GraphProto): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Kind.GRAPH, g });

const typed = (name: string, lengths: (number | string)[], elemType = FLOAT) => ({
  name,
  type: {
    value: {
      case: "tensorType" as const,
      value: {
        elemType,
        shape: {
          dim: lengths.map((length) => ({
            value:
              typeof length === "number"
                ? { case: "dimValue" as const, value: BigInt(length) }
                : { case: "dimParam" as const, value: length },
          })),
        },
      },
    },
  },
});

interface Parts {
  readonly nodes: readonly NodeProto[];
  readonly initializers?: readonly TensorProto[];
  readonly functions?: Parameters<typeof create<typeof ModelProtoSchema>>[1] extends infer Init
    ? Init extends { functions?: infer Functions }
      ? Functions
      : never
    : never;
}

/** A classifier of 1×2×5 images, its logits the ten pixels plus `w`, which `parts` make. */
export const modelFile = ({ nodes, initializers = [], functions }: Parts): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: "", version: 17n },
        { domain: "own", version: 1n },
      ],
      functions,
      graph: {
        name: "g",
        input: [typed("x", ["n", 1, 2, 5])],
        output: [typed("logits", ["n", CLASSES])],
        node: [
          node("Flatten", ["x"], ["flat"], [int("axis", 1)]),
          ...nodes,
          node("Add", ["flat", "w"], ["logits"]),
        ],
        initializer: [...initializers],
      },
    }),
  );

const branch = (name: string, parts: Partial<GraphProto>): GraphProto =>
  create(GraphProtoSchema, { name, output: [typed(`${name}_w`, [CLASSES])], ...parts } as never);

/** A condition that no shape decides: whether the images' sum is positive. */
const condition = (): NodeProto[] => [
  node("ReduceSum", ["flat"], ["sum"], [int("keepdims", 0)]),
  node("CastLike", ["sum", "truth"], ["isPositive"]),
];
const truth = create(TensorProtoSchema, {
  name: "truth",
  dataType: TensorProto_DataType.BOOL,
  int32Data: [1],
});

const ifOf = (own: GraphProto): NodeProto =>
  node("If", ["isPositive"], ["w"], [graphIn("then_branch", own), graphIn("else_branch", own)]);

/** A file for each place that may hold a tensor in the file `location`. */
export const places: readonly (readonly [string, (location: string) => Uint8Array])[] = [
  ["an initializer", (location) => modelFile({ nodes: [], initializers: [externalTensor(location)] })],
  [
    "a Constant",
    (location) =>
      modelFile({ nodes: [node("Constant", [], ["w"], [tensorIn(externalTensor(location, ""))])] }),
  ],
  [
    "a Constant in a branch of an If",
    (location) =>
      modelFile({
        nodes: [
          ...condition(),
          ifOf(
            branch("b", { node: [node("Constant", [], ["b_w"], [tensorIn(externalTensor(location, ""))])] }),
          ),
        ],
        initializers: [truth],
      }),
  ],
  [
    "an initializer of a branch",
    (location) =>
      modelFile({
        nodes: [
          ...condition(),
          ifOf(
            branch("b", {
              initializer: [externalTensor(location, "own")],
              node: [node("Identity", ["own"], ["b_w"])],
            }),
          ),
        ],
        initializers: [truth],
      }),
  ],
  [
    "a branch in a branch",
    (location) =>
      modelFile({
        nodes: [
          ...condition(),
          ifOf(
            branch("b", {
              node: [
                node(
                  "If",
                  ["isPositive"],
                  ["b_w"],
                  ["then_branch", "else_branch"].map((name) =>
                    graphIn(
                      name,
                      branch("c", {
                        node: [node("Constant", [], ["c_w"], [tensorIn(externalTensor(location, ""))])],
                      }),
                    ),
                  ),
                ),
              ],
            }),
          ),
        ],
        initializers: [truth],
      }),
  ],
  [
    "a local function",
    (location) =>
      modelFile({
        nodes: [node("Bias", ["flat"], ["w"], [], "own")],
        functions: [
          {
            domain: "own",
            name: "Bias",
            input: ["a"],
            output: ["b"],
            opsetImport: [{ domain: "", version: 17n }],
            node: [node("Constant", [], ["b"], [tensorIn(externalTensor(location, ""))])],
          },
        ],
      }),
  ],
];
