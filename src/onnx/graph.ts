import type { DType, Tensor } from "../tensor/index.ts";
import type { Attributes } from "./attribute.ts";

/** An axis length: a number, the name of a symbolic length such as "batch", or null where the file states none. */
export type Dim = number | string | null;

/** The declared type of a graph input or output. `shape` is null where the file states none. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dim[] | null;
}

/** One operator call. Values are referred to by name; an empty input name is an omitted optional input. */
export interface GraphNode {
  readonly opType: string;
  /** "" is the standard ONNX domain. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Key-value pairs that the file keeps with the node, such as the module and the call that PyTorch made it of. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An ONNX graph as plain data. Nodes are in topological order. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly GraphNode[];
  /** Constant tensors by name: weights, running statistics, shape arguments. */
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Operator-set version by domain; "" is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Key-value pairs that the file keeps with the graph, such as PyTorch's list of a module's tensors. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * By the name of a value, an initializer's too: key-value pairs that the file keeps with it, such as whether it is a
   * parameter or a buffer, and what it was folded from.
   */
  readonly valueMetadata?: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** An ONNX file: its graph, and what travels with it. */
export interface Model {
  readonly graph: Graph;
  readonly irVersion: number;
  readonly producer: string;
  /** The file's free-form key-value pairs. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Outputs of the file that cannot be read, such as sequences or strings, and were left out. */
  readonly leftOut?: readonly string[];
  /** Whether the file holds graphs of its own training too, which are not read. */
  readonly hadTrainingInfo?: true;
}

/** The opset that every graph is brought to before it is differentiated: the newest that ONNX Runtime 1.30 runs. */
export const CURRENT_OPSET = 26;
/** The oldest opset that is read. */
export const OLDEST_OPSET = 9;

/** The standard opset of a graph. */
export const opsetOf = (graph: Graph): number => graph.opsets.get("") ?? CURRENT_OPSET;
