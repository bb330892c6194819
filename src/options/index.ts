export {
  checkFunction,
  checkRecord,
  checkString,
  areNames,
  isArrayLike,
  isBytes,
  isImageShape,
  refuse,
} from "./arguments.ts";
export { type Filled, checkOption, checkOptions, takes, withDefaults } from "./check-options.ts";
export {
  type Definable,
  type Definition,
  checkDefinition,
  definitionName,
  definitionRows,
} from "./definition.ts";
export {
  LimitError,
  type LimitName,
  checkLimit,
  checkLimitVariables,
  limitOf,
  limitVariable,
  limits,
} from "./limits.ts";
export {
  type DefinitionSpec,
  type ModuleSpec,
  definitionSpecText,
  isDefinitionSpec,
  isModuleSpec,
  moduleOf,
  parseModuleSpec,
} from "./module-spec.ts";
export { nearestName } from "./nearest-name.ts";
export {
  type AnyTable,
  type Option,
  type OptionTable,
  type OptionText,
  callback,
  choice,
  group,
  nameOr,
  number,
  numbers,
  string,
  tested,
  truth,
  whole,
} from "./option.ts";
export { isRecord, isThenable, kindOf, shown } from "./shown.ts";
