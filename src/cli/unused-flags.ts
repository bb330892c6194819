import { type Method, criticOf, isAligned, methodOf, regularizerOf } from "../align/index.ts";
import type { OwnDefinitions } from "./own-definitions.ts";
import { UsageError } from "../tensor/index.ts";
import type { TrainFlags } from "./train-options.ts";

/** An option that has no effect in every run. */
interface Condition {
  readonly option: keyof TrainFlags;
  readonly flag: string;
  readonly isUsed: (method: Method, flags: TrainFlags, own: OwnDefinitions) => boolean;
}

const isRegularized = (method: Method) => method.isRegularized;
const isWorstCase = (method: Method) => method.views === "worst-case";
const isAlignedWorstCase = (method: Method) => isRegularized(method) && isWorstCase(method);
const isMixing = (method: Method) => method.views === "mixes";
/** Members of the family among what trains. */
const hasViews = (method: Method) => method.views === "random" || isWorstCase(method);

/** What a script that goes through the methods gives to each of them alike. */
const noted: readonly Condition[] = [
  { option: "regularizer", flag: "--regularizer", isUsed: isRegularized },
  { option: "transforms", flag: "--transforms", isUsed: hasViews },
  { option: "lambda", flag: "--lambda", isUsed: isAligned },
];

const refused: readonly Condition[] = [
  { option: "lambdaWarmUp", flag: "--lambda-warm-up", isUsed: isAligned },
  { option: "augmixSeverity", flag: "--augmix-severity", isUsed: isMixing },
  { option: "augmixWidth", flag: "--augmix-width", isUsed: isMixing },
  { option: "augmixDepth", flag: "--augmix-depth", isUsed: isMixing },
  { option: "augmixOperations", flag: "--augmix-operations", isUsed: isMixing },
  { option: "align", flag: "--align", isUsed: isRegularized },
  { option: "stopGradient", flag: "--stop-gradient", isUsed: isRegularized },
  { option: "selection", flag: "--selection", isUsed: isWorstCase },
  { option: "selectBy", flag: "--select-by", isUsed: isAlignedWorstCase },
  { option: "alignSelectBy", flag: "--align-select-by", isUsed: isAlignedWorstCase },
  { option: "compat", flag: "--compat", isUsed: (method) => isRegularized(method) || isWorstCase(method) },
  { option: "augmentation", flag: "--augmentation", isUsed: hasViews },
];

// The options of critics are of those that are named: one of a user's own has what it has.
const hasCritic = (method: Method, _flags: TrainFlags, { regularizer }: OwnDefinitions) =>
  method.isRegularized && typeof regularizer === "string" && criticOf(regularizerOf(regularizer)) !== null;

const ofCritics: readonly Condition[] = [
  { option: "criticSteps", flag: "--critic-steps", isUsed: hasCritic },
  { option: "criticLr", flag: "--critic-lr", isUsed: hasCritic },
  { option: "criticWidth", flag: "--critic-width", isUsed: hasCritic },
  {
    option: "lipschitz",
    flag: "--lipschitz",
    isUsed: (method, flags, own) => hasCritic(method, flags, own) && flags.regularizer === "wasserstein",
  },
];

const ofStepSchedule: readonly Condition[] = [
  { option: "stepEvery", flag: "--step-every", isUsed: (_method, { schedule }) => schedule === "step" },
  { option: "stepFactor", flag: "--step-factor", isUsed: (_method, { schedule }) => schedule === "step" },
];

/**
 * Looks for given options that have no effect.
 *
 * @param own  what the flags of definitions name, loaded
 * @returns the flags of those that are accepted all the same
 * @throws UsageError for any other
 */
export function unusedFlags(
  flags: TrainFlags,
  isGiven: (option: keyof TrainFlags) => boolean,
  own: OwnDefinitions,
): string[] {
  const method = methodOf(own.method);
  const unusedAmong = (conditions: readonly Condition[]) =>
    conditions
      .filter(({ option, isUsed }) => isGiven(option) && !isUsed(method, flags, own))
      .map(({ flag }) => flag);
  const [wrong] = unusedAmong(refused);
  if (wrong) {
    throw new UsageError(
      `The method "${flags.method}" (${method.title}) does not use ${wrong}. Leave it out.`,
    );
  }
  const [needsCritic] = unusedAmong(ofCritics);
  if (needsCritic) {
    const owners = needsCritic === "--lipschitz" ? "wasserstein" : "wasserstein or discriminator";
    throw new UsageError(
      `${needsCritic} needs a critic: method rva or rwa with --regularizer ${owners}; ` +
        `it is ${flags.method} with ${flags.regularizer} here.`,
    );
  }
  const [needsStep] = unusedAmong(ofStepSchedule);
  if (needsStep) throw new UsageError(`${needsStep} needs --schedule step; it is "${flags.schedule}" here.`);
  if (flags.augmentation === "eager" && ((flags.crop ?? 0) > 0 || flags.flip)) {
    throw new UsageError(
      `--augmentation eager keeps views of images that never change; --crop and --flip change them in each step. ` +
        `Leave --augmentation out, or --crop and --flip.`,
    );
  }
  if (flags.compat && flags.selection === "sample") {
    throw new UsageError(`--compat ${flags.compat} selects per batch. Leave --selection or --compat out.`);
  }
  return unusedAmong(noted);
}
