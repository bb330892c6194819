import type { Graph } from "../onnx/index.ts";
import { computedTensors, foldedNormalization, lostNormalizations, lostParameters } from "./folding.ts";
import { kerasBackend, writtenNormalizations } from "./keras-export.ts";
import { moduleOf } from "./made-up-names.ts";
import { namePatterns } from "./name-patterns.ts";
import { type GraphUse, type TensorRole, tensorRoles } from "./roles.ts";
import { statedTensors } from "./stated.ts";

/** How PyTorch's exporters keep every parameter of the module under its own name. */
const KEEP_NAMES =
  `To load the weights into the module, export by python/alignreg_export.py, or with dynamo=True and optimize=False, or ` +
  `with dynamo=False, training=torch.onnx.TrainingMode.PRESERVE and do_constant_folding=False (docs/pytorch.md).`;

/** … and the newer one, which wrote the file. */
const KEEP_ALL =
  `To train all of the module and load its weights, export with torch.onnx.export(…, dynamo=True, optimize=False) ` +
  `or by python/alignreg_export.py (docs/pytorch.md).`;

/** What keeps every variable of a Keras model, and trains it as Keras does. */
const KERAS_FILE = `The model's .keras file in its place (model.save("net.keras")) trains as Keras does, and goes back into it.`;

/**
 * What a user should know before the training: what trains that may be no parameter, what stays that may be one, and what
 * the module that was exported would not find under its names.
 *
 * @param choosesAll  "all" is trained, so that what was guessed decides
 */
export function exportNotes(graph: Graph, use: GraphUse = {}, choosesAll = true): string[] {
  const roles = tensorRoles(graph, use);
  const names = (wanted: (role: TensorRole) => boolean) => roles.filter(wanted).map(({ name }) => name);
  const isKeras = kerasBackend(graph) !== undefined;
  const notes = isKeras ? kerasNotes(graph, use, roles) : foldingNotes(graph, use, roles);
  const doubtful = names(({ kind, isGuess }) => kind === "parameter" && isGuess);
  if (choosesAll && doubtful.length > 0) {
    notes.push(
      `${counted(doubtful, "tensor trains", "tensors train")} that may be no parameter but a mask, a fixed table or a ` +
        `fixed kernel, which the graph cannot tell: ${namePatterns(doubtful)}. If so, name what trains (trainable).`,
    );
  }
  for (const [why, kept] of guessedConstants(roles)) {
    notes.push(
      `${counted(kept, "tensor stays as it is", "tensors stay as they are")} (${why}): ${namePatterns(kept)}. ` +
        `To train what is a parameter after all, name it (trainable).`,
    );
  }
  const isStated = !isKeras && statedTensors(graph, use.metadata) !== undefined;
  const fixed = new Set(names(({ kind, isGuess }) => kind === "constant" && isGuess));
  const computed = isStated ? computedTensors(graph, use).filter((name) => fixed.has(name)) : [];
  if (computed.length > 0) {
    notes.push(
      `The exporter may have computed of the module's parameters what stays as it is: ${namePatterns(computed)}. Those ` +
        `parameters then train without that part, otherwise than in the module. ${KEEP_ALL}`,
    );
  }
  return notes;
}

const counted = (names: readonly string[], one: string, many: string): string =>
  `${names.length} ${names.length === 1 ? one : many}`;

/** What was taken for a constant, by the reason. */
function guessedConstants(roles: readonly TensorRole[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { kind, why, isGuess, name } of roles) {
    if (kind === "constant" && isGuess) found.set(why, [...(found.get(why) ?? []), name]);
  }
  return found;
}

/** What Keras' exports lose: the statistics of BatchNormalization, Dropout, and names. */
function kerasNotes(graph: Graph, use: GraphUse, roles: readonly TensorRole[]): string[] {
  const { layers } = writtenNormalizations(graph, use.input);
  // Layers without a name that tells them have weights.
  const lost = layers.length > 0 ? layers : foldedNormalization(graph, use);
  const unnamed = roles.filter(({ kind, isMadeUp }) => kind === "parameter" && isMadeUp).length;
  return [
    ...(lost.length > 0
      ? [
          `BatchNormalization of ${counted(lost, "layer", "layers")} (${namePatterns(lost)}) is in the file as fixed numbers, alone or within ` +
            `a layer's weights: what scales and shifts trains, but by no batch's mean and variance, and no statistics move. ` +
            `Dropout is not in the file either. ${KERAS_FILE}`,
        ]
      : []),
    ...(unnamed > 0
      ? [
          `${unnamed} of the parameters ${unnamed === 1 ? "has" : "have"} no name of Keras' in the file. The trained ONNX file can be used as it ` +
            `is; its weights do not go back into the Keras model${lost.length > 0 ? "." : `, and Dropout, if there was any, is not in the file. ${KERAS_FILE}`}`,
        ]
      : []),
  ];
}

/** What the exporter folded: the trained file is good, but its weights are not the module's. */
function foldingNotes(graph: Graph, use: GraphUse, roles: readonly TensorRole[]): string[] {
  const notes: string[] = [];
  const stated = statedTensors(graph, use.metadata);
  const advice = stated ? KEEP_ALL : KEEP_NAMES;
  const folded = foldedNormalization(graph, use);
  const normalizations = folded.length > 0 ? lostNormalizations(graph, use) : [];
  if (folded.length > 0) {
    const modules = normalizations.length > 0 ? `: ${namePatterns(normalizations)}` : "";
    notes.push(
      `BatchNormalization was folded into ${counted(folded, "layer", "layers")} (${namePatterns(folded)}) and does not train${modules}. ` +
        `The trained ONNX file can be used as it is, but its weights are not the module's. ${advice}`,
    );
  }
  const isTold = new Set(normalizations);
  const lost = lostParameters(graph, use).filter((name) => !isTold.has(moduleOf(name)));
  if (lost.length > 0) {
    notes.push(
      `${lost.length} of the module's ${stated!.parameters.size} parameters ${lost.length === 1 ? "is" : "are"} not in the file, as the exporter folded ` +
        `them into others, merged them with equal ones or left them out: ${namePatterns(lost)}. ${advice}`,
    );
  }
  const computed = roles
    .filter((role) => role.kind === "parameter" && role.isMadeUp && !folded.includes(role.name))
    .map(({ name }) => name);
  if (computed.length > 0 && folded.length === 0) {
    notes.push(
      `${counted(computed, "parameter was", "parameters were")} computed by the exporter (${namePatterns(computed)}), such ` +
        `as by transposing a weight, and the module has none of that name. ${advice}`,
    );
  }
  return notes;
}
