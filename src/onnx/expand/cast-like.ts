import { required } from "../infer/rule.ts";
import type { Expansion } from "./rule.ts";

/** A Cast to the type of the second input, now that it is known. */
export const castLike: Expansion = (g, node) => [g.cast(required(node, 0), required(node, 1).dtype)];
