import { type GradientDefinition, defineGradient, rulesByOperator } from "../autodiff/index.ts";
import { type Attributes, type GraphNode, CURRENT_OPSET, opaqueNode } from "../onnx/index.ts";
import { type OptionTable, callback, isRecord, tested, truth } from "../options/index.ts";
import { createSession } from "../runtime/index.ts";
import { type Tensor, UsageError, isFloat } from "../tensor/index.ts";
import { type CheckOptions, checkRows, checked } from "./check-options.ts";
import { gradientsAgree } from "./gradients-agree.ts";
import { apart, normals, notFinite } from "./numbers.ts";
import { type Build, type Tensors, probing } from "./probe.ts";
import { Findings, type PlugInReport } from "./report.ts";

/** A use of the operator that its rule is tried with. */
export interface GradientCase {
  /** In their order; null for one that is left out in the middle. */
  readonly inputs: readonly (Tensor | null)[];
  readonly attributes?: Attributes;
  /** Outputs that are used (default 1). */
  readonly outputs?: number;
}

export interface CheckGradientOptions extends CheckOptions {
  /** Uses of the operator (default: one input, [3, 4], of normal numbers, as an operator by elements takes it). */
  cases?: readonly GradientCase[];
  /** Whether the rule is meant to be another than the derivative, as a straight-through Round is (default false). */
  isSurrogate?: boolean;
  /**
   * The gradients of Σ of the outputs in plain numbers, for each input a list or null (default: none; differences tell).
   */
  reference?: (
    inputs: readonly (readonly number[])[],
    use: GradientCase,
  ) => readonly (readonly number[] | null)[];
}

const table = {
  ...checkRows,
  cases: tested<readonly GradientCase[]>(
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((one) => isRecord(one) && Array.isArray(one.inputs)),
    "a list of { inputs, attributes }",
    { description: "uses of the operator", otherwise: "one input of normal numbers, [3, 4]" },
  ),
  isSurrogate: truth({
    description: "whether the rule is meant to be another than the derivative",
    default: false,
  }),
  reference: callback({ description: "the gradients in plain numbers" }),
} satisfies OptionTable<CheckGradientOptions>;

/**
 * Tries the gradient rule of an operator on uses of it: gradients of the inputs' shapes that are finite, equal each time, and
 * what central differences of the operator itself show, unless the rule is a surrogate. Of an operator that only the runtime
 * knows, its types are learnt by running it.
 *
 * @throws UsageError for what is no rule, or a use that cannot be run; ConformanceError where `throws` is true and something
 *         does not hold
 */
export async function checkGradient(
  definition: GradientDefinition,
  options: CheckGradientOptions = {},
): Promise<PlugInReport> {
  const given = checked("checkGradient", table, options);
  const { seed = 0, isSurrogate = false, reference, throws = false } = given;
  const { cases = [{ inputs: [normals(seed, "x", [3, 4])] }] } = given;
  const gradient = defineGradient(definition);
  const rules = rulesByOperator([gradient]);
  const findings = new Findings();
  for (const [k, use] of cases.entries()) {
    const which = cases.length === 1 ? "" : `Use ${k + 1}: `;
    const feeds: Tensors = Object.fromEntries(
      use.inputs.flatMap((input, i) => (input ? [[`input${i}`, input] as const] : [])),
    );
    const floats = Object.keys(feeds).filter((name) => isFloat(feeds[name].dtype));
    const build = await nodeOf(gradient, use, feeds);
    await probing(
      build,
      async (probe) => {
        const isWhole = await findings.must(
          `${which}Each input's gradient has its shape, and is finite.`,
          async () => {
            const { gradients } = await probe.run(feeds);
            for (const name of floats) {
              const fault = notFinite(`That of ${name}`, gradients[name]);
              if (fault) return fault;
            }
            return null;
          },
        );
        if (!isWhole) return;
        await findings.must(`${which}Equal inputs give equal bits.`, () => probe.isRepeatable(feeds));
        const reached = (await probe.run(feeds)).gradients;
        const differentiable = floats.filter((name) => reached[name].some((value) => value !== 0));
        await findings.must(`${which}A gradient reaches an input.`, () =>
          differentiable.length > 0 ? null : "It is 0 for all: what lies before does not train.",
        );
        if (reference) {
          await findings.must(`${which}It gives what its reference gives.`, async () => {
            const expected = reference(
              use.inputs.map((input) => (input ? Array.from(input.data as ArrayLike<number>, Number) : [])),
              use,
            );
            const { gradients } = await probe.run(feeds);
            for (const [i, list] of expected.entries()) {
              const fault =
                list &&
                apart(`The gradient of input ${i}`, gradients[`input${i}`] ?? [], list, { share: 1e-4 });
              if (fault) return fault;
            }
            return null;
          });
        }
        if (isSurrogate) {
          await findings.tell(() => `${which}It is a surrogate: it was not held against differences.`);
          return;
        }
        await findings.must(`${which}It is what differences of the operator show.`, () =>
          gradientsAgree(feeds, build, { probe, seed, of: floats }),
        );
      },
      rules,
    );
  }
  return findings.report("gradient", gradient.name, throws);
}

/** The operator's outputs as one value. @throws UsageError where the runtime does not run it */
async function nodeOf(
  { operator, domain }: { readonly operator: string; readonly domain: string },
  { inputs, attributes = {}, outputs = 1 }: GradientCase,
  feeds: Tensors,
): Promise<Build> {
  const names = inputs.map((input, i) => (input ? `input${i}` : ""));
  const made = Array.from({ length: outputs }, (_, i) => `output${i}`);
  const node: GraphNode = { opType: operator, domain, name: "", inputs: names, outputs: made, attributes };
  const types = await typesOf(node, feeds);
  const opaque = opaqueNode(node, types);
  return (g, values) => {
    const given = names.map((name) => (name === "" ? null : values[name]));
    // What is known by name is built as itself, for its other inputs' shapes to be folded.
    const isKnown = domain === "";
    const results = isKnown
      ? g.op(operator, given, attributes, { outputs })
      : g.op(opaque.opType, given, opaque.attributes, { domain: opaque.domain, outputs });
    const floats = results.filter(({ dtype }) => isFloat(dtype)).map((value) => g.reshape(value, [-1]));
    return floats.length === 1 ? floats[0] : g.concat(floats, 0);
  };
}

/** What the runtime makes of it. */
async function typesOf(node: GraphNode, feeds: Tensors) {
  const graph = {
    name: "operator",
    inputs: Object.entries(feeds).map(([name, { dtype, shape }]) => ({ name, dtype, shape: [...shape] })),
    outputs: node.outputs.map((name) => ({ name, dtype: "float32" as const, shape: null })),
    nodes: [node],
    initializers: new Map<string, Tensor>(),
    opsets: new Map([["", CURRENT_OPSET], ...(node.domain === "" ? [] : [[node.domain, 1] as const])]),
  };
  try {
    const session = await createSession(graph, { threads: 1 });
    const results = await session.run(feeds);
    await session.release();
    const typed = (t: Tensor) => ({ dtype: t.dtype, base: [...t.shape], perImage: t.shape.map(() => 0) });
    return new Map(
      [...Object.entries(feeds), ...Object.entries(results)].map(([name, t]) => [name, typed(t)] as const),
    );
  } catch (cause) {
    throw new UsageError(
      `checkGradient cannot run the operator "${node.opType}" on what cases give: ${(cause as Error).message} ` +
        `Give inputs and attributes as it takes them.`,
      { cause },
    );
  }
}
