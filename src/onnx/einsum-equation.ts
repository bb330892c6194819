import { type Shape, ShapeError } from "../tensor/index.ts";
import { describeNode, stringAttribute } from "./attribute.ts";
import { type InferenceNode, required } from "./infer/rule.ts";

/** An Einsum equation with its ellipses spelled out: a letter for every axis of every operand and of the output. */
export interface EinsumEquation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
  /** Length of each letter; 1 where all operands have 1, which broadcasts. */
  readonly lengths: ReadonlyMap<string, number>;
}

const ALPHABET = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Letters that do not occur in `used`. */
export const unusedLetters = (used: Iterable<string>): string[] => {
  const taken = new Set(used);
  return ALPHABET.filter((letter) => !taken.has(letter));
};

/**
 * Reads the equation of an Einsum node (opset 12): any number of operands, ellipses, an implicit output (the letters
 * that occur once, in the order of their codes, after the ellipsis). A letter may occur twice in an operand: a diagonal.
 *
 * @throws ShapeError when the equation does not fit the inputs
 */
export function einsumEquation(node: InferenceNode): EinsumEquation {
  const equation = stringAttribute(node, "equation").replaceAll(" ", "");
  const wrong = (why: string): never => {
    throw new ShapeError(`${describeNode(node)}: the equation "${equation}" ${why}.`);
  };
  const [left, right, ...rest] = equation.split("->");
  const terms = left.split(",");
  const shapes = node.inputs.map((_, i) => required(node, i).shape);
  if (terms.length !== shapes.length || rest.length > 0) {
    wrong(`has ${terms.length} operands, and the node ${shapes.length} inputs`);
  }
  const everyTerm = right === undefined ? terms : [...terms, right];
  const malformed = everyTerm.find((term) => !/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term));
  if (malformed !== undefined) wrong(`has the term "${malformed}", which is not letters and one ellipsis`);

  const ranks = terms.flatMap((term, i) =>
    term.includes("...") ? [shapes[i].length - lettersOf(term).length] : [],
  );
  if (new Set(ranks).size > 1) {
    wrong(`has ellipses that stand for ${ranks.join(" and ")} axes; give the operands as many, of length 1`);
  }
  const hidden = unusedLetters(equation).slice(0, Math.max(0, ...ranks));
  const operands = terms.map((term, i) => {
    const letters = spellOut(term, hidden);
    if (letters.length !== shapes[i].length) wrong(`does not fit input ${i} of shape [${shapes[i]}]`);
    return letters;
  });
  const output = right === undefined ? implicitOutput(terms, hidden) : spellOut(right, hidden);
  if (new Set(output).size < output.length) wrong("repeats a letter in its output");

  const lengths = new Map<string, number>();
  operands.forEach((letters, i) => {
    letters.forEach((letter, axis) => mergeLength(lengths, letter, shapes[i], axis, wrong));
  });
  const unknown = output.find((letter) => !lengths.has(letter));
  if (unknown !== undefined) wrong(`has the output letter "${unknown}", which no operand has`);
  return { operands, output, lengths };
}

const lettersOf = (term: string): string[] => [...term.replace("...", "")];

/** The letters of a term, with `hidden` ones in the place of its ellipsis. */
function spellOut(term: string, hidden: readonly string[]): string[] {
  const [before, after] = term.split("...");
  return after === undefined ? [...before] : [...before, ...hidden, ...after];
}

function implicitOutput(terms: readonly string[], hidden: readonly string[]): string[] {
  const all = terms.flatMap(lettersOf);
  const once = all.filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter));
  return [...hidden, ...once.sort()];
}

function mergeLength(
  lengths: Map<string, number>,
  letter: string,
  shape: Shape,
  axis: number,
  wrong: (why: string) => never,
): void {
  const known = lengths.get(letter) ?? 1;
  const length = shape[axis];
  if (known !== 1 && length !== 1 && known !== length) {
    wrong(`gives the letter "${letter}" lengths ${known} and ${length}`);
  }
  lengths.set(letter, known === 1 ? length : known);
}
