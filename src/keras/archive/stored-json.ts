import { ModelError } from "../../onnx/index.ts";

/** Keras' own configurations are some twenty deep; whoever walks one by recursion must not run out of stack. */
const deepest = 500;

/**
 * JSON as Python writes it: NaN and ±Infinity are among its numbers. NaN becomes null, which JSON has for it.
 *
 * @param what  the text in words, for errors: `its "config.json"`
 */
export function storedJson(text: string, what: string): unknown {
  let depth = 0;
  const plain = text.replaceAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|-?Infinity|NaN/gs, (token) => {
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    if (depth > deepest) throw new ModelError(`${what} is more than ${deepest} brackets deep`);
    if (token === "NaN") return "null";
    return token.endsWith("Infinity") && !token.startsWith('"') ? token.replace("Infinity", "1e999") : token;
  });
  try {
    return JSON.parse(plain);
  } catch (cause) {
    throw new ModelError(`${what} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

/** An own property of a parsed object; undefined for anything else. */
export function ownValue(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** The text at a key, if there is one. */
export function ownText(value: unknown, key: string): string | undefined {
  const text = ownValue(value, key);
  return typeof text === "string" ? text : undefined;
}
