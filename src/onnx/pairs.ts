/** Key-value pairs, which a file may keep with the model, the graph, each node and each value. */
import type { StringStringEntryProto } from "onnx-buf";

export type Pairs = Readonly<Record<string, string>>;

export const readPairs = (props: readonly StringStringEntryProto[]): Pairs =>
  Object.fromEntries(props.map(({ key, value }) => [key, value]));

export const writePairs = (pairs: Pairs = {}): { key: string; value: string }[] =>
  Object.entries(pairs).map(([key, value]) => ({ key, value }));
