export { type Dataset, precisionAdvice } from "./dataset.ts";
export { type Hdf5File, openHdf5 } from "./open-hdf5.ts";
export { hdf5Signature } from "./superblock.ts";
