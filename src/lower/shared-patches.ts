import { SEMANTIC_DOMAIN } from "../autodiff/index.ts";
import { type GraphBuilder, type GraphNode, type Value, intAttribute, resolveWindow } from "../onnx/index.ts";
import { type ConvWindow, convWindow, product } from "./conv-window.ts";
import { gradWeightFromPatches, imagePatches } from "./image-patches.ts";

/** Up to so many input channels, patches are small beside what is computed of them. */
const FEW_CHANNELS = 3;

/** They are kept from the forward to the backward pass. */
const MOST_BYTES = 8 << 20;

/** The patches of a first layer, laid out once: the forward pass multiplies them, and so does dW. */
export class SharedPatches {
  /** Names of images with the window of a gradient by a kernel that goes over them. */
  readonly #wanted: ReadonlySet<string>;
  readonly #made = new Map<string, Value>();

  constructor(nodes: readonly GraphNode[]) {
    const gradients = nodes.filter(isGradWeight);
    this.#wanted = new Set(gradients.map((node) => keyOf(node, convWindow(node))));
  }

  /** The outputs of a Conv whose patches dW will want as well, or of such a dW; null for other nodes. */
  lower(g: GraphBuilder, node: GraphNode, inputs: readonly (Value | null)[]): readonly Value[] | null {
    if (isGradWeight(node)) {
      const window = convWindow(node);
      const patches = this.#made.get(keyOf(node, window));
      const [x, dy] = inputs as Value[];
      return patches
        ? [gradWeightFromPatches(g, patches, dy, [dy.shape[1], x.shape[1], ...window.kernel])]
        : null;
    }
    if (node.domain !== "" || node.opType !== "Conv") return null;
    const [x, w, bias = null] = inputs;
    if (!x || !w || intAttribute(node, "group", 1) !== 1 || w.shape[1] > FEW_CHANNELS) return null;
    const window = resolveWindow(node, x.shape.slice(2), w.shape.slice(2));
    const [co, ...patch] = w.shape;
    const bytes = 4 * x.shape[0] * product(patch) * product(window.output);
    const key = keyOf(node, window);
    if (x.dtype !== "float32" || bytes > MOST_BYTES || !this.#wanted.has(key)) return null;
    const patches = imagePatches(g, x, window);
    this.#made.set(key, patches);
    const ones = window.output.map(() => 1);
    const kernel = g.reshape(w, [co, product(patch), ...ones]);
    return [g.op1("Conv", [patches, kernel, bias], { kernel_shape: ones }, { name: node.name })];
  }
}

const isGradWeight = ({ domain, opType }: GraphNode): boolean =>
  domain === SEMANTIC_DOMAIN && opType === "ConvGradWeight";

const keyOf = (
  { inputs: [images] }: GraphNode,
  { kernel, strides, dilations, pads }: Pick<ConvWindow, "kernel" | "strides" | "dilations" | "pads">,
): string => JSON.stringify([images, kernel, strides, dilations, pads]);
