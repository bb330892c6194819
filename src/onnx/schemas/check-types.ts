import { ShapeError } from "../../tensor/index.ts";
import { describeNode } from "../attribute.ts";
import { ModelError } from "../errors.ts";
import type { InferenceNode } from "../infer/rule.ts";
import { parameterAt, schemas } from "./schema.ts";

/**
 * Checks a node's inputs: how many there are, and their element types, those of which must be one type being it.
 *
 * @throws ModelError, ShapeError
 */
export function checkTypes(node: InferenceNode & { readonly domain: string }): void {
  const schema = node.domain === "" ? schemas.get(node.opType) : undefined;
  if (!schema) return;
  const { least, most } = schema.inputs;
  const count = node.inputs.length;
  if (count < least) throw new ModelError(`${describeNode(node)} lacks its input ${count}.`);
  if (count > most)
    throw new ModelError(`${describeNode(node)} has ${count} inputs; it takes ${most} at most.`);
  const firsts = new Map<string, { readonly name: string; readonly dtype: string }>();
  node.inputs.forEach((value, i) => {
    const parameter = parameterAt(schema.inputs, i);
    if (!parameter) return;
    if (!value) {
      if (parameter.isRequired) throw new ModelError(`${describeNode(node)} lacks its input ${i}.`);
      return;
    }
    // A sequence has no type of its own.
    if (value.parts || parameter.types === null) return;
    if (!parameter.types.has(value.dtype)) {
      throw new ModelError(
        `${describeNode(node)} takes ${[...parameter.types].join(", ")} as its input ${i}; "${value.name}" is ${value.dtype}.`,
      );
    }
    if (parameter.letter === "") return;
    const first = firsts.get(parameter.letter);
    if (!first) firsts.set(parameter.letter, value);
    else if (first.dtype !== value.dtype) {
      throw new ShapeError(
        `${describeNode(node)} mixes element types: ${first.dtype}, ${value.dtype}. Add a Cast ("${first.name}", "${value.name}").`,
      );
    }
  });
}
