import { AlignregError } from "../tensor/index.ts";

/** A file or folder of data is missing, damaged or laid out in a way that cannot be read. */
export class DataError extends AlignregError {}
