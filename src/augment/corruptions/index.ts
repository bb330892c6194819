export { type CorruptionName, benchmark as benchmarkCorruptions } from "./constants.ts";
export {
  type CorruptionsOptions,
  cifarCorruptions,
  corruptionNames,
  corruptions,
  corruptionsOptions,
} from "./corruptions.ts";
export {
  type MnistCorruptionName,
  type MnistCorruptionsOptions,
  mnistCorruptionNames,
  mnistCorruptions,
} from "./mnist.ts";
