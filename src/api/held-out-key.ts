/** The metadata of a model that say which images its training held out. */
export const heldOutKey = "alignreg.heldOut";
