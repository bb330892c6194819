/** Whether an imported model can be trained at all: everything that stands against it, found before anything runs. */
import { gradientRules } from "../autodiff/index.ts";
import {
  type Graph,
  type GraphNode,
  ModelError,
  floatAttribute,
  expandedOperators,
  inferredOperators,
  isOpaque,
  opaqueOperator,
  isRandom,
  qualifiedName,
} from "../onnx/index.ts";
import { imageNormalizations } from "../parameters/index.ts";
import { terminalLine } from "../text/index.ts";
import { firstFew } from "./first-few.ts";

/** A model that cannot be trained as it was exported. */
export class UntrainableModelError extends ModelError {
  /** What stands against it, one sentence each. */
  readonly findings: readonly string[];
  constructor(source: string, findings: readonly string[]) {
    const [first, ...more] = findings;
    const lines =
      more.length === 0
        ? [`${source} cannot be trained. ${first}`]
        : [`${source} cannot be trained, for ${findings.length} reasons.`, ...findings.map((f) => `- ${f}`)];
    super(lines.map(terminalLine).join("\n"), { isLaidOut: true });
    this.findings = findings;
  }
}

/** What files hold that were made for inference: the operators, what they are, and what to export instead. */
const inferenceOnly: readonly {
  readonly matches: (node: GraphNode) => boolean;
  readonly finding: (nodes: string) => string;
}[] = [
  {
    matches: ({ opType }) => /[Qq]uantize|^QLinear|^QGemm|Integer$/.test(opType),
    finding: (nodes) =>
      `It is quantized (${nodes}). Train the float32 model that it was made from, and quantize the trained one.`,
  },
  {
    matches: ({ domain, opType }) =>
      domain === "com.microsoft.nchwc" ||
      (domain === "com.microsoft" && /^(Fused(Conv|Gemm)|Skip|Bias|.*BatchNorm|NhwcConv)/.test(opType)),
    finding: (nodes) =>
      `It was optimized for inference (${nodes}): what was fused with a convolution, such as BatchNormalization, ` +
      `is lost. Export the model again and do not save it through ONNX Runtime's optimizer.`,
  },
  {
    matches: ({ opType }) => ["If", "Loop", "Scan"].includes(opType),
    finding: (nodes) =>
      `It branches or loops on data (${nodes}). Export with fixed image sizes, and without ifs on shapes in forward().`,
  },
  {
    matches: isRandom,
    finding: (nodes) =>
      `It draws random numbers of its own (${nodes}), as Dropout2d, AlphaDropout or RReLU do in training mode. Export ` +
      `it in evaluation mode: model.eval().`,
  },
  {
    matches: ({ domain }) => /aten|prim/i.test(domain),
    finding: (nodes) =>
      `It holds operators of PyTorch that are not ONNX (${nodes}). Export with operator_export_type ONNX.`,
  },
];

interface CheckOptions {
  /** Name of the images (default: the graph's input). */
  readonly input?: string;
  /** Running variances of the BatchNormalization nodes that keep their statistics. */
  readonly frozen?: ReadonlySet<string>;
  /** A user's gradient rules. */
  readonly own?: ReadonlyMap<string, unknown>;
}

/**
 * @param graph    at the current opset
 * @param trained  names of the initializers that are to be trained
 * @param logits   where the loss begins
 * @throws UntrainableModelError with every reason, and for each what to do
 */
export function checkModel(
  graph: Graph,
  trained: readonly string[],
  logits: string,
  source: string,
  { input = graph.inputs[0]?.name, frozen = new Set(), own = new Map<string, unknown>() }: CheckOptions = {},
): void {
  const findings: string[] = [];
  const explained = new Set<GraphNode>();
  for (const { matches, finding } of inferenceOnly) {
    const nodes = graph.nodes.filter(matches);
    nodes.forEach((node) => explained.add(node));
    if (nodes.length > 0) findings.push(finding(described(nodes)));
  }
  const halves = [...graph.initializers].filter(([, { dtype }]) => dtype === "float16").map(([name]) => name);
  if (halves.length > 0) {
    findings.push(
      `It holds ${halves.length} tensors in half precision (${firstFew(halves)}). Export it in float32: model.float().`,
    );
  }
  const others = graph.nodes.filter((node) => !explained.has(node));
  // These never reach inference.
  const known = new Set([...inferredOperators, ...expandedOperators, "Constant", "ConstantOfShape"]);
  const unknown = others.filter(
    (node) => !isOpaque(node) && !known.has(qualifiedName(node.domain, node.opType)),
  );
  if (unknown.length > 0) {
    findings.push(
      `It has operators that are not supported (${described(unknown)}). docs/operators.md lists those that are; ` +
        `train only what comes behind them (trainable), write that part of the model with others, or add the operator ` +
        `(docs/adding-an-operator.md).`,
    );
  }
  const onTheWay = between(graph, new Set(trained), logits);
  const withoutRule = others.filter(
    (node) =>
      onTheWay.has(node) &&
      !(node.domain === "" && expandedOperators.has(node.opType)) &&
      !unknown.includes(node) &&
      !gradientRules.has(qualifiedName(node.domain, node.opType)) &&
      !own.has(operatorOf(node)),
  );
  if (withoutRule.length > 0) {
    findings.push(
      `It has operators without a gradient rule between trained parameters and the logits (${described(withoutRule)}). ` +
        `Train only what comes behind them (trainable), write that part with other operators, or give a rule ` +
        `(gradients, docs/plug-ins.md).`,
    );
  }
  findings.push(...normalizationFindings(graph, input, frozen));
  const made = graph.nodes.flatMap((node) => node.outputs);
  if (!made.includes(logits)) {
    findings.push(
      `It has no tensor "${logits}" for the logits. The last of its tensors are: ${made.slice(-8).join(", ")}.`,
    );
  }
  if (findings.length > 0) throw new UntrainableModelError(source, findings);
}

/** The operator's qualified name; of one that stands as opaque, its own. */
function operatorOf(node: GraphNode): string {
  const { domain, opType } = { ...node, ...opaqueOperator(node) };
  return qualifiedName(domain, opType);
}

/** BatchNormalization that has no statistics to run, or whose statistics would never move. */
function normalizationFindings(graph: Graph, input: string, frozen: ReadonlySet<string>): string[] {
  const findings: string[] = [];
  const nodes = imageNormalizations(graph, { input });
  const computed = nodes.filter(
    ({ inputs }) => !inputs.slice(3, 5).every((name) => graph.initializers.has(name)),
  );
  if (computed.length > 0) {
    findings.push(
      `Its BatchNormalization does not read its running statistics from initializers (${described(computed)}): it ` +
        `normalises by the batch in evaluation too. Export with track_running_stats on, and without folding: ` +
        `do_constant_folding=False.`,
    );
  }
  const still = nodes.filter(
    (node) => !frozen.has(node.inputs[4]) && floatAttribute(node, "momentum", 0.9) === 1,
  );
  if (still.length > 0) {
    findings.push(
      `Its BatchNormalization has momentum 1 (${described(still)}): its running statistics would never move, and the ` +
        `trained file would be tested by those it has now. PyTorch writes momentum=None and momentum=0 so: give the ` +
        `layers a momentum, as in 0.1, and export again; or freeze them (trainable).`,
    );
  }
  return findings;
}

/** The nodes that depend on a trained tensor and that the logits depend on. */
function between(graph: Graph, trained: ReadonlySet<string>, logits: string): Set<GraphNode> {
  const dependent = new Set(trained);
  const after = graph.nodes.filter((node) => {
    const depends = node.inputs.some((name) => dependent.has(name));
    if (depends) node.outputs.forEach((output) => dependent.add(output));
    return depends;
  });
  const needed = new Set([logits]);
  const found = new Set<GraphNode>();
  for (const node of after.reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    node.inputs.forEach((name) => needed.add(name));
    found.add(node);
  }
  return found;
}

/** `QLinearConv 3×: "conv1", "conv2", …` for each operator. */
function described(nodes: readonly GraphNode[]): string {
  const operators = new Map<string, string[]>();
  for (const { domain, opType, name, outputs } of nodes) {
    const key = qualifiedName(domain, opType);
    operators.set(key, [...(operators.get(key) ?? []), name || outputs[0]]);
  }
  return [...operators]
    .map(([operator, names]) => `${operator} ${names.length}×: ${firstFew(names.map((name) => `"${name}"`))}`)
    .join("; ");
}
