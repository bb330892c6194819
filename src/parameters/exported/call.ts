/** The call of PyTorch that a node was made of, as the newer exporter writes it into the node's metadata. */
import type { GraphNode } from "../../onnx/index.ts";

/** One argument: the text, and the values that it names, in its order. */
export interface Argument {
  readonly text: string;
  readonly values: readonly string[];
}

export interface Call {
  /** What the call's result is called: `linear_3`. */
  readonly name: string;
  /** `linear` of torch.ops.aten.linear.default. */
  readonly operator: string;
  readonly arguments: readonly Argument[];
  readonly keywords: readonly Argument[];
  /** Path of the innermost module in which it is made; undefined where the file does not say. */
  readonly module: string | undefined;
}

const NODE = "pkg.torch.onnx.fx_node";
const SCOPES = "pkg.torch.onnx.name_scopes";
/** No call of a network comes near; a text from outside may. */
const LONGEST = 100_000;

/**
 * Reads `%linear : [num_users=1] = call_function[target=torch.ops.aten.linear.default](args = (%x, %p_w, %p_b), kwargs = {})`.
 *
 * @returns undefined for a node without such a text
 */
export function callOf({ metadata }: GraphNode): Call | undefined {
  const text = metadata?.[NODE];
  if (text === undefined || text.length > LONGEST) return undefined;
  const head = /^%(\w+)\s*:[^=]*=[^=]*= call_function\[target=([^\]\s]+)\]\(args = \(/.exec(text);
  if (!head) return undefined;
  const positional = listAt(text, head[0].length);
  if (!positional) return undefined;
  const rest = /kwargs = \{/g;
  rest.lastIndex = positional.end;
  const keywords = rest.exec(text) ? listAt(text, rest.lastIndex)?.items : [];
  if (!keywords) return undefined;
  return {
    name: head[1],
    operator: operatorOf(head[2]),
    arguments: positional.items.map(argument),
    keywords: keywords.map(argument),
    module: moduleOf(metadata?.[SCOPES]),
  };
}

const operatorOf = (target: string): string =>
  /\baten\.(\w+)/.exec(target)?.[1] ?? target.slice(target.lastIndexOf(".") + 1);

const argument = (text: string): Argument => ({
  text,
  values: [...text.matchAll(/%(\w+)/g)].map((m) => m[1]),
});

/** The items from `start` to the bracket that closes the list; undefined where none does. */
function listAt(text: string, start: number): { items: string[]; end: number } | undefined {
  const items: string[] = [];
  let depth = 0;
  let from = start;
  let end = start;
  for (; end < text.length; end++) {
    const sign = text[end];
    if ("([{".includes(sign)) depth++;
    else if (")]}".includes(sign) && depth-- === 0) break;
    else if (sign === "," && depth === 0) {
      items.push(text.slice(from, end).trim());
      from = end + 1;
    }
  }
  if (end === text.length) return undefined;
  const last = text.slice(from, end).trim();
  return { items: last === "" ? items : [...items, last], end };
}

/** `['', 'blocks', 'blocks.0', 'linear']` ends in the call itself. */
function moduleOf(scopes: string | undefined): string | undefined {
  if (scopes === undefined || scopes.length > LONGEST) return undefined;
  const names = [...scopes.matchAll(/(['"])(.*?)\1/g)].map((m) => m[2]);
  return names.at(-2);
}
