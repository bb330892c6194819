/** The command line of this process, for manifests. */
export const commandLine = (): string => `alignreg ${givenArguments().join(" ")}`;

/** Scripts of package.json that start this command line. */
const scripts = ["alignreg", "start"];

/** A command to type: through npm when this process was started so, as in the repository. */
export function typed(...args: readonly string[]): string {
  const isNpm = scripts.includes(process.env.npm_lifecycle_event ?? "");
  return [isNpm ? "npm run --silent alignreg --" : "alignreg", ...args].join(" ");
}

/** The arguments of this process, ready for a shell. */
export const givenArguments = (): string[] => process.argv.slice(2).map(quoted);

/** Quotes for a POSIX shell what it would otherwise split or expand. */
const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
