/**
 * Local functions, written out where they are called: the newer PyTorch exporter and onnxscript define some operators
 * as functions in the file.
 */
import { clone, create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type NodeProto,
  NodeProtoSchema,
} from "onnx-buf";
import { checkLimit } from "../options/index.ts";
import { ModelError } from "./errors.ts";

/**
 * Nodes in which no local function is called any more.
 *
 * @param opset   of the file's standard operators, which the functions' must be too
 * @param source  what to call the file in messages
 * @throws ModelError for a function that calls itself, or one of another opset
 */
export function inlineFunctions(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
  opset: bigint | undefined,
  source: string,
): NodeProto[] {
  if (functions.length === 0) return [...nodes];
  const byName = new Map(functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  for (const { name, opsetImport } of functions) {
    const own = opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
    if (own !== undefined && opset !== undefined && own !== opset) {
      throw new ModelError(
        `${source} is at opset ${opset}, and its function ${name} at opset ${own}. Export it with functions inlined.`,
      );
    }
  }
  let calls = 0;
  // Functions that call one another twice double at every level, empty ones too.
  let written = nodes.length;
  const expand = (node: NodeProto, callers: readonly FunctionProto[]): NodeProto[] => {
    const definition = byName.get(keyOf(node.domain, node.opType, node.overload));
    if (!definition) return [node];
    if (callers.includes(definition)) {
      throw new ModelError(`${source}: the function ${definition.name} calls itself.`);
    }
    if (callers.length >= DEEPEST) {
      throw new ModelError(
        `${source}: its functions call one another more than ${DEEPEST} deep. Export it with functions inlined.`,
      );
    }
    written += definition.node.length;
    checkLimit("nodes", written, `${source}, its functions written out,`);
    const prefix = `${node.name || definition.name}/${++calls}/`;
    return body(node, definition, prefix).flatMap((inner) => expand(inner, [...callers, definition]));
  };
  return nodes.flatMap((node) => expand(node, []));
}

/** Exporters' functions call one another a few deep. */
const DEEPEST = 100;

const keyOf = (domain: string, name: string, overload: string): string => `${domain}::${name}::${overload}`;

/** A function's nodes with the call's values and attributes in place of its own; what is inner gets a prefix. */
function body(call: NodeProto, definition: FunctionProto, prefix: string): NodeProto[] {
  const names = new Map<string, string>([["", ""]]);
  definition.input.forEach((name, i) => names.set(name, call.input[i] ?? ""));
  definition.output.forEach((name, i) => {
    if (call.output[i]) names.set(name, call.output[i]);
  });
  const rename = (name: string) => names.get(name) ?? prefix + name;
  const given = new Map(
    [...definition.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]),
  );
  return definition.node.map((node) =>
    create(NodeProtoSchema, {
      opType: node.opType,
      domain: node.domain,
      overload: node.overload,
      name: prefix + node.name,
      input: node.input.map(rename),
      output: node.output.map(rename),
      attribute: node.attribute.flatMap((attribute) => bound(attribute, given)),
      metadataProps: joined(call.metadataProps, node.metadataProps),
    }),
  );
}

/** What is known of the call is known of each node of the body, which may say more or other things itself. */
const joined = (outer: NodeProto["metadataProps"], inner: NodeProto["metadataProps"]) => {
  const own = new Set(inner.map(({ key }) => key));
  return [...outer.filter(({ key }) => !own.has(key)), ...inner];
};

/** An attribute that refers to one of the function's is that one; none where the call leaves it out. */
function bound(attribute: AttributeProto, given: ReadonlyMap<string, AttributeProto>): AttributeProto[] {
  if (attribute.refAttrName === "") return [attribute];
  const value = given.get(attribute.refAttrName);
  return value ? [Object.assign(clone(AttributeProtoSchema, value), { name: attribute.name })] : [];
}
