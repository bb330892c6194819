import { type TransformFamily, familyFromSpec, modulePaths } from "../../augment/index.ts";
import type { Classifier } from "../../models/index.ts";
import { UsageError } from "../../tensor/index.ts";

/** A test under shifts that nobody chose, where the model names others that it was trained for. */
export function otherShiftsDoubts(named: Classifier["transforms"], tested: TransformFamily): string[] {
  if (named === undefined || modulePaths(named).length > 0) return [];
  const trained = familyNamed(named);
  const members = (family: TransformFamily) => family.members.map(({ name }) => name);
  if (trained === null || members(trained).join() === members(tested).join()) return [];
  return [
    `The test is under ${tested.name}, as no shifts were chosen; the model says that it was trained for others: ` +
      `${members(trained).slice(1).join(", ")}. Choose those, or what it will meet (transforms, --transforms).`,
  ];
}

/** Null for what cannot be read: that is said where it is used. */
function familyNamed(spec: NonNullable<Classifier["transforms"]>): TransformFamily | null {
  try {
    return familyFromSpec(spec);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}
