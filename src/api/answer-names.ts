import { UsageError } from "../tensor/index.ts";
import type { ClassMap } from "./match-classes.ts";

/**
 * Names of answers, by logit.
 *
 * @param own       the model's, where it has some
 * @param classMap  says otherwise
 * @param width     logits of a picture
 * @throws UsageError for a map that does not fit
 */
export function answerNames(
  own: readonly string[] | undefined,
  classMap: ClassMap | undefined,
  width: number,
): readonly string[] | undefined {
  if (classMap === undefined) return own;
  if (isList(classMap)) {
    if (classMap.length === width) return classMap;
    throw new UsageError(
      `The class map names ${classMap.length} classes; the model gives ${width} logits a picture. Give a name for each.`,
    );
  }
  const names = Array.from({ length: width }, (_, i) => own?.[i] ?? String(i));
  for (const [name, to] of Object.entries(classMap)) {
    const index = typeof to === "number" ? to : (own ?? []).indexOf(to);
    if (index < 0 || index >= width) {
      const there = typeof to === "number" ? `0 to ${width - 1}` : (own ?? ["none"]).join(", ");
      throw new UsageError(
        `The class map gives ${JSON.stringify(to)} for "${name}", which the model has not. It has: ${there}.`,
      );
    }
    names[index] = name;
  }
  return names;
}

const isList = (map: ClassMap): map is readonly string[] => Array.isArray(map);
