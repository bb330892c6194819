import { type MethodName, type RegularizerName, methods, regularizers } from "../align/index.ts";
import type { Column } from "./result.ts";

/** The study's columns in the paper's order: base, va, rva by regularizer, vwa, rwa by regularizer. */
export function columnsOf(study: {
  methods: readonly MethodName[];
  regularizers: readonly RegularizerName[];
}): Column[] {
  const inOrder = (Object.keys(methods) as MethodName[]).filter((name) => study.methods.includes(name));
  return inOrder.flatMap((method) =>
    methods[method].isRegularized
      ? study.regularizers.map((regularizer) => columnOf(method, regularizer))
      : [columnOf(method, null)],
  );
}

function columnOf(method: MethodName, regularizer: RegularizerName | null): Column {
  // The paper's abbreviations; "Base" is a word.
  const heading = method === "base" ? methods.base.title : method.toUpperCase();
  if (regularizer === null) return { id: method, method, regularizer, label: heading };
  const letter = regularizers[regularizer]().letter ?? regularizer;
  return { id: `${method}-${regularizer}`, method, regularizer, label: `${heading} ${letter}` };
}
