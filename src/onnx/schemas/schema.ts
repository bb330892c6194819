/** What an operator takes and gives, as ONNX's own schemas have it. */
import { schemaLines, schemaSets } from "./table.ts";

/** An input or output. */
export interface Parameter {
  /** Parameters of one letter are of one type; "" for those of any. */
  readonly letter: string;
  /** The element types that it may have; null for all. */
  readonly types: ReadonlySet<string> | null;
  readonly isRequired: boolean;
}

export interface Schema {
  readonly inputs: Parameters;
  readonly outputs: Parameters;
  /** By name: the kinds that the attribute may be of, a letter each, and whether it must be there. */
  readonly attributes: ReadonlyMap<string, { readonly kinds: string; readonly isRequired: boolean }>;
}

export interface Parameters {
  readonly listed: readonly Parameter[];
  /** How many there must be at least. */
  readonly least: number;
  /** How many there may be: any number where the last one repeats. */
  readonly most: number;
}

/** The parameter at a place; the last one repeats where it may. */
export const parameterAt = ({ listed }: Parameters, index: number): Parameter | undefined =>
  listed[Math.min(index, listed.length - 1)];

/** By operator of ONNX's own domain: those that are known here. */
export const schemas: ReadonlyMap<string, Schema> = new Map(
  schemaLines
    .trim()
    .split("\n")
    .map((line) => {
      const [parameters, attributes = "", types = ""] = line.split(";");
      const [taken, given] = parameters.split(">");
      const [name, ...inputs] = words(taken);
      const typesOf = new Map(words(types).map((word) => word.split("=") as [string, string]));
      const schema: Schema = {
        inputs: parametersOf(inputs, typesOf),
        outputs: parametersOf(words(given), typesOf),
        attributes: new Map(
          words(attributes).map((word) => {
            const [key, kinds] = word.split(":");
            return [key.replace("!", ""), { kinds, isRequired: key.endsWith("!") }];
          }),
        ),
      };
      return [name, schema];
    }),
);

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function parametersOf(listed: readonly string[], typesOf: ReadonlyMap<string, string>): Parameters {
  const parameters = listed.map((word): Parameter => {
    const letter = word.replace(/[?*+]$/, "");
    const isRequired = !/[?*]$/.test(word);
    if (letter === "-") return { letter: "", types: null, isRequired };
    const named = typesOf.get(letter);
    // A type in place of a letter.
    if (named === undefined) return { letter: "", types: new Set([letter]), isRequired };
    const types: readonly string[] = Object.hasOwn(schemaSets, named)
      ? schemaSets[named as keyof typeof schemaSets]
      : named.split(",");
    return { letter, types: new Set(types), isRequired };
  });
  const repeats = /[*+]$/.test(listed.at(-1) ?? "");
  return {
    listed: parameters,
    least: parameters.findLastIndex(({ isRequired }) => isRequired) + 1,
    most: repeats ? Infinity : parameters.length,
  };
}
