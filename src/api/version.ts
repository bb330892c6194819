/** The version of this package. Written here, as a bundle of it lies beside no package.json; a test compares the two. */
export const version = "0.1.0";
