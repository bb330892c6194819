import type { Transform, TransformFamily } from "../family.ts";

/** A number in a member's name. */
const number = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

/** The member of that name: one of the family's, or of its ranges. Undefined where there is none. */
export function memberNamed({ members, ranges }: TransformFamily, name: string): Transform | undefined {
  const listed = members.find((member) => member.name === name);
  if (listed || !ranges) return listed;
  const values = (name.match(number) ?? []).map(Number);
  if (values.length < ranges.parameters.length) return undefined;
  const member = ranges.at(values.slice(0, ranges.parameters.length));
  return member.name === name ? member : undefined;
}

/** The members, and those at both ends of the ranges, which a sample may miss. */
export const membersAndEnds = ({ members, ranges }: TransformFamily): readonly Transform[] =>
  ranges
    ? [
        ...members,
        ...(["low", "high"] as const).map((end) => ranges.at(ranges.parameters.map((each) => each[end]))),
      ]
    : members;
