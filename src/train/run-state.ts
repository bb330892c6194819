import { type Tensor, float32, shapesEqual, sizeOf } from "../tensor/index.ts";
import { CheckpointError } from "./errors.ts";
import { type ParameterLayout, heldSlot, pack, plainSlot } from "./parameter-layout.ts";
import type { StepPlan } from "./step-plan.ts";
import { stepNames } from "./step-names.ts";

/**
 * What one step hands to the next, by the name of the step graph's input: parameters, optimizer state, running
 * statistics, and those of a critic. Two sets of arrays are used in turn, so that a step never writes where it reads.
 */
export class RunState {
  #current: ReadonlyMap<string, Tensor>;
  #spare: ReadonlyMap<string, Tensor>;

  private constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#current = tensors;
    this.#spare = new Map([...tensors].map(([name, { shape }]) => [name, float32(shape)]));
  }

  /** The state before the first step: the classifier's own weights and statistics, optimizer state zero. */
  static initial({ classifier, layout, optimizer, buffers, critic }: StepPlan): RunState {
    const { initializers } = classifier.graph;
    const flats = pack(layout, initializers);
    const tensors = new Map<string, Tensor>();
    flats.forEach((flat, i) => {
      tensors.set(stepNames.slot(i), float32([flat.length], flat));
      for (let k = 0; k < optimizer.stateCount; k++)
        tensors.set(stepNames.state(i, k), float32([flat.length]));
    });
    for (const { name, shape } of buffers) {
      tensors.set(
        stepNames.buffer(name),
        float32(shape, (initializers.get(name)!.data as Float32Array).slice()),
      );
    }
    if (critic) {
      const { initial } = critic;
      tensors.set(stepNames.critic, float32([initial.length], initial.slice()));
      for (let k = 0; k < critic.optimizer.stateCount; k++)
        tensors.set(stepNames.criticState(k), float32([initial.length]));
    }
    return new RunState(tensors);
  }

  /**
   * A state that was saved: `tensors` as {@link RunState.saved} gave them.
   *
   * @throws CheckpointError when they are not those of the plan
   */
  static restored(plan: StepPlan, tensors: ReadonlyMap<string, Tensor>): RunState {
    for (const [name, { shape }] of RunState.initial(plan).tensors) {
      const saved = tensors.get(name);
      if (saved?.dtype !== "float32" || !shapesEqual(saved.shape, shape)) {
        throw new CheckpointError(
          `The checkpoint holds ${saved ? `${saved.dtype} [${saved.shape}]` : "nothing"} for "${name}"; ` +
            `this run needs float32 [${shape}].`,
          "Delete the checkpoint to start over.",
        );
      }
    }
    return new RunState(inEverySlot(plan, tensors, heldSlot));
  }

  /** The current tensors as files hold them, kernels in plain memory: another machine may have other blocks. */
  saved(plan: StepPlan): ReadonlyMap<string, Tensor> {
    return inEverySlot(plan, this.#current, plainSlot);
  }

  /** The current tensors. They are overwritten two steps later: copy or write them before. */
  get tensors(): ReadonlyMap<string, Tensor> {
    return this.#current;
  }

  /** The first number in the tensors that is NaN or infinite, if there is one, and the name of what it is in. */
  firstNonFinite({ layout }: StepPlan): { readonly name: string; readonly value: number } | undefined {
    for (const [input, { data }] of this.#current) {
      const at = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
      if (at < 0) continue;
      const slot = layout.slots.findIndex((_, i) => stepNames.slot(i) === input);
      return { name: slot < 0 ? input : parameterAt(layout, slot, at), value: (data as Float32Array)[at] };
    }
    return undefined;
  }

  /** What the next step reads. */
  feeds(): Record<string, Tensor> {
    return Object.fromEntries(this.#current);
  }

  /** Where the next step writes, by output name. */
  results(): Record<string, Tensor> {
    return Object.fromEntries([...this.#spare].map(([name, value]) => [stepNames.next(name), value]));
  }

  /** Accepts what the step wrote. */
  advance(): void {
    [this.#current, this.#spare] = [this.#spare, this.#current];
  }
}

/** The parameter that holds an element of a slot's vector. */
function parameterAt({ slots }: ParameterLayout, slot: number, element: number): string {
  let end = 0;
  return slots[slot].parameters.find(({ shape }) => element < (end += sizeOf(shape)))!.name;
}

/** The tensors with the parameters and optimizer states of slots that hold blocks converted. */
function inEverySlot(
  { layout, optimizer }: StepPlan,
  tensors: ReadonlyMap<string, Tensor>,
  convert: (layout: ParameterLayout, slot: number, flat: Float32Array) => Float32Array,
): ReadonlyMap<string, Tensor> {
  const converted = new Map(tensors);
  layout.slots.forEach(({ parameters }, i) => {
    if (!parameters.some(({ memory }) => memory)) return;
    const states = Array.from({ length: optimizer.stateCount }, (_, k) => stepNames.state(i, k));
    for (const name of [stepNames.slot(i), ...states]) {
      const { shape, data } = tensors.get(name)!;
      converted.set(name, float32(shape, convert(layout, i, data as Float32Array)));
    }
  });
  return converted;
}
