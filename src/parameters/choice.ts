/** Which of a graph's parameters a run trains. */
import { type Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { headNames } from "./head.ts";
import { parameterLayers } from "./layers.ts";
import { namePatterns } from "./name-patterns.ts";
import { type GraphUse, type TensorRole, tensorRoles, trainableNames } from "./roles.ts";

/**
 * What a run trains: "all" parameters, those of the last layers, or the float32 initializers whose names match one of
 * the patterns, in which `*` stands for any characters.
 */
export type Trainable = "all" | readonly string[] | { readonly last: number };

/** What trains where nobody says: the head of a model that has a new one, else everything. */
export function defaultTrainable(metadata?: Readonly<Record<string, string>>): Trainable {
  const names = headNames(metadata);
  return names.size > 0 ? [...names] : "all";
}

/**
 * Names of the tensors that a choice trains, in the file's order.
 *
 * @throws UsageError for a pattern that matches nothing or nothing that can train, or a choice that trains nothing
 */
export function chosenNames(graph: Graph, choice: Trainable, use?: GraphUse): string[] {
  if (choice === "all") return trainableNames(graph, use);
  if ("last" in choice) {
    if (!Number.isInteger(choice.last) || choice.last < 1) {
      throw new UsageError(
        `trainable: the last ${choice.last} layers cannot train. Give a whole number from 1.`,
      );
    }
    return inFileOrder(graph, parameterLayers(graph, use).slice(-choice.last).flat());
  }
  if (choice.length === 0)
    throw new UsageError(`trainable: no pattern is given. Name what trains, or "all".`);
  const roles = new Map(tensorRoles(graph, use).map((role) => [role.name, role] as const));
  return inFileOrder(
    graph,
    choice.flatMap((pattern) => matching(graph, pattern, roles)),
  );
}

function matching(graph: Graph, pattern: string, roles: ReadonlyMap<string, TensorRole>): string[] {
  const named = [...graph.initializers].filter(([name]) => matcher(pattern)(name));
  const floats = named.filter(([, { dtype, data }]) => dtype === "float32" && data.length > 0);
  const parameters = [...roles.values()].filter(({ kind }) => kind === "parameter");
  if (floats.length === 0) {
    throw new UsageError(
      `trainable: no float32 initializer of the model is called "${pattern}". Its parameters are: ` +
        `${namePatterns(parameters.map(({ name }) => name))}. "*" stands for any characters.`,
    );
  }
  const trainable = floats.map(([name]) => name).filter((name) => canTrain(roles.get(name)));
  if (trainable.length > 0) return trainable;
  const [first] = floats[0];
  throw new UsageError(
    `trainable: nothing that "${pattern}" names can train: "${first}" ${whyNot(roles.get(first))}. ` +
      `The model's parameters are: ${namePatterns(parameters.map(({ name }) => name))}.`,
  );
}

/** Whether a gradient reaches it: what was taken for a constant trains where a user names it. */
const canTrain = (role: TensorRole | undefined): boolean =>
  role !== undefined && role.kind !== "statistics" && role.uses.length > 0;

function whyNot(role: TensorRole | undefined): string {
  if (!role) return "does not reach the logits";
  return role.kind === "statistics" ? "is a running statistic, which moves by itself" : `stays: ${role.why}`;
}

function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => expression.test(name);
}

function inFileOrder(graph: Graph, names: readonly string[]): string[] {
  const wanted = new Set(names);
  return [...graph.initializers.keys()].filter((name) => wanted.has(name));
}
