import { isRecord, isThenable, refuse } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { families } from "./families.ts";
import type { TransformFamily } from "./family.ts";

/** Whether it has what every family has. */
export const isFamily = (value: unknown): value is TransformFamily =>
  isRecord(value) && Array.isArray(value.members) && typeof value.name === "string";

/** @throws UsageError for anything but a family, which may be made by hand */
export function checkFamily(where: string, what: string, value: unknown): asserts value is TransformFamily {
  if (!isFamily(value)) refuse(where, what, value, "a family of transforms", familyAdvice(value));
  checkMembers(`The transform family "${value.name}"`, value.members);
}

/** @throws UsageError for members that cannot be applied, or none. @param whose  as `The transform family "x"` */
export function checkMembers(whose: string, members: readonly unknown[]): void {
  const wrong = Array.from(members).findIndex(
    (member) => !isRecord(member) || typeof member.name !== "string" || typeof member.apply !== "function",
  );
  if (members.length > 0 && wrong < 0) return;
  const fault = wrong < 0 ? "it has no members" : `member ${wrong} has no name or no function apply`;
  throw new UsageError(`${whose} cannot be used: ${fault}. Make it with family or customFamily.`);
}

/** What to give in place of what is no family. */
export function familyAdvice(value: unknown): string {
  if (isThenable(value)) return "";
  if (typeof value === "function") {
    return `Call it: ${Object.hasOwn(families, value.name) ? value.name : "rotation"}().`;
  }
  if (typeof value === "string") return `Make it of the name: familyFromSpec(${JSON.stringify(value)}).`;
  if (Array.isArray(value)) return "Join several with union(…) or compose(…).";
  return "Give rotation(), or another one of families.";
}
