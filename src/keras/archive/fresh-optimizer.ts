/**
 * What an optimizer's variables are before its first step. Momenta and averages belong to the weights and gradients they
 * came from; once the weights are others, Keras would go on from what never was. So a file of other weights has a fresh
 * optimizer: the same class and options, no step taken.
 */
import { type Tensor, isFloat, tensor } from "../../tensor/index.ts";
import type { Dataset } from "./hdf5/index.ts";
import { ownText, ownValue } from "./stored-json.ts";

/** Keras' optimizers whose variables all begin at zero (keras.optimizers 3.15 and tf_keras 2.21). */
const fromZero = new Set([
  "sgd",
  "rmsprop",
  "adam",
  "adamw",
  "adadelta",
  "adamax",
  "adafactor",
  "lion",
  "lamb",
  "muon",
  "nadam",
]);

/** An optimizer as a model's compile configuration has it: its class's name alone, or with its options. */
export interface StoredOptimizer {
  readonly name: string;
  readonly config: unknown;
}

export function storedOptimizer(serialized: unknown): StoredOptimizer | undefined {
  const name = typeof serialized === "string" ? serialized : ownText(serialized, "class_name");
  if (name === undefined) return undefined;
  // Keras 2's `.h5` counts its own optimizers among the user's.
  return { name: name.replace(/^Custom>/, ""), config: ownValue(serialized, "config") };
}

/**
 * The optimizer's variables as they begin, or undefined for an optimizer that is not known. The learning rate stays.
 *
 * @param variables  its data sets by path
 */
export function freshVariables(
  optimizer: StoredOptimizer,
  variables: ReadonlyMap<string, Dataset>,
): Map<string, Tensor> | undefined {
  const name = optimizer.name.toLowerCase();
  if (name === "lossscaleoptimizer") return freshInner(optimizer, variables);
  const initial = name === "adagrad" ? ownValue(optimizer.config, "initial_accumulator_value") : 0;
  if (typeof initial !== "number" || !(fromZero.has(name) || name === "adagrad")) return undefined;
  // Averages of the weights are begun by the first step, but not at what Adagrad's sums begin at.
  if (name === "adagrad" && ownValue(optimizer.config, "use_ema") === true) return undefined;
  const fresh = new Map<string, Tensor>();
  for (const [path, { dtype, shape }] of variables) {
    if (shape.length > 0 || !isFloat(dtype)) {
      fresh.set(path, filled(dtype, shape, isFloat(dtype) ? initial : 0));
    } else if (name === "nadam" && isNadamProduct(path)) {
      // The product of Nadam's momenta so far; other single numbers are the learning rate and its kind.
      fresh.set(path, filled(dtype, shape, 1));
    }
  }
  return fresh;
}

/** The scale of losses stays; it is no matter of the weights. */
function freshInner(
  { config }: StoredOptimizer,
  variables: ReadonlyMap<string, Dataset>,
): Map<string, Tensor> | undefined {
  const inner = storedOptimizer(ownValue(config, "inner_optimizer"));
  if (!inner) return undefined;
  return freshVariables(
    inner,
    new Map([...variables].filter(([path]) => path.includes("/inner_optimizer/"))),
  );
}

/** Behind the iteration and the learning rate; `.h5` files have its name. */
const isNadamProduct = (path: string): boolean => !/(\/[01]|learning_rate(:0)?)$/.test(path);

function filled(dtype: Dataset["dtype"], shape: readonly number[], value: number): Tensor {
  const result: Tensor = tensor(dtype, shape);
  // float16 holds raw bits: no optimizer's state but zeros has a name for it here.
  if (value !== 0 && dtype !== "float16") (result.data as Float32Array).fill(value);
  return result;
}
