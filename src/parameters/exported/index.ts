/** What PyTorch's newer exporter wrote of the module that it exported. Start at own-names.ts. */
export { type Call, callOf } from "./call.ts";
export { claimsOf } from "./claims.ts";
export { foldedFrom, saysFolding } from "./folded-from.ts";
export { withOwnNames } from "./own-names.ts";
export { hasBatchNormalization } from "./rules.ts";
export { type Signature, type SignedTensor, readSignature, withoutSigned } from "./signature.ts";
