import {
  type AnyTable,
  callback,
  checkDefinition,
  choice,
  definitionRows,
  isRecord,
  string,
  tested,
} from "../options/index.ts";
import type { Critic } from "./critic.ts";
import type {
  BatchDefinition,
  BatchRegularizer,
  LossesDefinition,
  LossesRegularizer,
  PairsDefinition,
  PairsRegularizer,
  Regularizer,
  RegularizerDefinition,
} from "./regularizer.ts";

const base = {
  ...definitionRows,
  title: string({ description: "in words", otherwise: "the name" }),
  letter: tested<string | null>((value) => value === null || typeof value === "string", "a string or null", {
    description: "the letter of the paper's tables",
    default: null,
  }),
  kind: choice(["pairs", "losses", "batch"], { description: "what it compares", default: "pairs" }),
  reference: callback({ description: "the same in plain numbers, for tests" }),
} as const;

/** What definitions of each kind take, and what they must have. */
const kinds = {
  pairs: {
    required: ["distance"],
    defaults: { compares: "vectors", critic: null },
    rows: {
      ...base,
      compares: choice(["vectors", "logits"], {
        description: "representations as they are, or their softmax",
        default: "vectors",
      }),
      critic: tested<Critic | null>((value) => value === null || isRecord(value), "a critic, or null", {
        description: "what is trained beside the model",
        default: null,
      }),
      distance: callback({ description: "the value of each sample, in graph nodes" }),
    },
  },
  losses: {
    required: ["distance"],
    defaults: {},
    rows: { ...base, distance: callback({ description: "the value of each sample, in graph nodes" }) },
  },
  batch: {
    required: ["term"],
    defaults: { compares: "vectors" },
    rows: {
      ...base,
      compares: choice(["vectors", "logits"], {
        description: "representations as they are, or their softmax",
        default: "vectors",
      }),
      term: callback({ description: "the value of the batch, in graph nodes" }),
    },
  },
} satisfies Record<Regularizer["kind"], KindOfDefinition>;

interface KindOfDefinition {
  readonly required: readonly string[];
  readonly defaults: object;
  readonly rows: AnyTable;
}

/**
 * A regularizer of one's own: a value that `fit`, `exportStep` and studies take in the place of a name. Ours are made so.
 *
 * @example
 * const huber = defineRegularizer({
 *   name: "huber",
 *   distance: (g, z, zView) => g.sum(huberOf(g, g.sub(z, zView)), [1]),
 * });
 *
 * @returns the definition with its defaults, frozen: kind "pairs", compares "vectors", no critic, the name for a title
 * @throws UsageError for a member that is missing, unknown or of another kind
 */
export function defineRegularizer(definition: PairsDefinition): PairsRegularizer;
export function defineRegularizer(definition: LossesDefinition): LossesRegularizer;
export function defineRegularizer(definition: BatchDefinition): BatchRegularizer;
export function defineRegularizer(definition: RegularizerDefinition): Regularizer;
export function defineRegularizer(definition: RegularizerDefinition): Regularizer {
  const { kind = "pairs" } = (definition as RegularizerDefinition | undefined) ?? {};
  const { rows, required, defaults } = Object.hasOwn(kinds, kind) ? kinds[kind] : kinds.pairs;
  const given = checkDefinition("defineRegularizer", "regularizer", rows, required, definition);
  return Object.freeze({
    title: given.name,
    letter: null,
    ...defaults,
    ...given,
    kind,
    defines: "regularizer",
  }) as Regularizer;
}
