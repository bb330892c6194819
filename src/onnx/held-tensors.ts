/** Tensors that nodes hold: in the attribute of a Constant, and anywhere in the graphs of an If, a Loop or a Scan. */
import type { AttributeProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from "onnx-buf";

/** Every tensor in a node's attributes, however deep; protobuf's reader has bounded the depth. */
export const tensorsHeld = ({ attribute }: NodeProto): TensorProto[] => attribute.flatMap(tensorsOf);

const tensorsOf = ({ t, tensors, sparseTensor, sparseTensors, g, graphs }: AttributeProto): TensorProto[] => [
  ...(t ? [t] : []),
  ...tensors,
  ...[...(sparseTensor ? [sparseTensor] : []), ...sparseTensors].flatMap(partsOf),
  ...[...(g ? [g] : []), ...graphs].flatMap(tensorsIn),
];

const tensorsIn = ({ initializer, sparseInitializer, node }: GraphProto): TensorProto[] => [
  ...initializer,
  ...sparseInitializer.flatMap(partsOf),
  ...node.flatMap(tensorsHeld),
];

const partsOf = ({ values, indices }: SparseTensorProto): TensorProto[] => [
  ...(values ? [values] : []),
  ...(indices ? [indices] : []),
];
