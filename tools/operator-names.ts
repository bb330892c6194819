/** Prints the operators of ONNX's own that are known here, a line each, for tools/onnx_schemas.py. */
import { expandedOperators, inferredOperators } from "../src/onnx/index.ts";
import { upgrades } from "../src/onnx/upgrades/index.ts";

const written = ["Constant", "ConstantOfShape", "If"];
const names = new Set([...inferredOperators, ...expandedOperators, ...upgrades.keys(), ...written]);
for (const name of [...names].sort()) if (!name.includes(".")) console.log(name);
