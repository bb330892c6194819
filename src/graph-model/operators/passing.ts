/** What hands its input on. */
import { ModelError } from "../../onnx/index.ts";
import type { DType } from "../../tensor/index.ts";
import type { OperatorConverter } from "../context.ts";
import { alone } from "./arithmetic.ts";

const first: OperatorConverter = (context) => context.held(0);

const types: ReadonlyMap<string, DType> = new Map([
  ["DT_FLOAT", "float32"],
  ["DT_INT32", "int32"],
  ["DT_INT64", "int64"],
  ["DT_BOOL", "bool"],
]);

/** Numbers of another type; lengths stay what they are. */
const cast: OperatorConverter = (context) => {
  if (context.held(0).kind === "lengths") return context.held(0);
  const name = context.attributes.type("DstT") ?? "";
  const dtype = types.get(name);
  if (!dtype)
    throw new ModelError(
      `it makes numbers of the type ${name || "that it does not name"}, which is not read`,
    );
  return alone(context, context.laid(0), (g, x) => g.cast(x, dtype));
};

export const passingOperators: Readonly<Record<string, OperatorConverter>> = {
  Identity: first,
  IdentityN: ({ inputs }) => inputs,
  StopGradient: first,
  PreventGradient: first,
  CheckNumerics: first,
  PlaceholderWithDefault: first,
  Snapshot: first,
  Cast: cast,
};
