import { type AllowedSkip, allowedSkips } from "./allowed-skips.ts";

export interface Skip {
  /** File and title. */
  readonly test: string;
  /** What the test gave; absent where it was switched off in its code. */
  readonly reason: string | undefined;
}

/**
 * The skips that are none of `allowed`, or whose tool is here.
 *
 * @param tools  names of the tools that this machine has; "all" stands for each
 */
export const unexpectedSkips = (
  skips: readonly Skip[],
  tools: ReadonlySet<string>,
  allowed: readonly AllowedSkip[] = allowedSkips,
): Skip[] =>
  skips.filter(
    ({ reason }) =>
      !allowed.some(
        (entry) =>
          reason?.startsWith(entry.reason) &&
          (entry.tool === null || !(tools.has("all") || tools.has(entry.tool))),
      ),
  );

/** The tools of TEST_TOOLS, such as "chromium webgpu", "all" or "none"; null where nobody says. */
export function toolsOf(setting: string | undefined): ReadonlySet<string> | null {
  if (!setting) return null;
  const names = setting.split(/[\s,]+/).filter((name) => name !== "" && name !== "none");
  const known = ["all", ...allowedSkips.flatMap(({ tool }) => tool ?? [])];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`TEST_TOOLS has "${unknown.join(" ")}". Choose of: none, ${known.join(", ")}.`);
  return new Set(names);
}

/** Each reason with the tests that gave it, as lines to print. */
export function describeSkips(skips: readonly Skip[]): string {
  const reasons = [...new Set(skips.map(({ reason }) => reason))];
  return reasons
    .flatMap((reason) => [
      `  ${reason ?? "no reason is given"}`,
      ...skips.filter((skip) => skip.reason === reason).map(({ test }) => `    ${test}`),
    ])
    .join("\n");
}
