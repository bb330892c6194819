import { shellWord } from "../text/index.ts";

/** The command line of this process, for manifests. */
export const commandLine = (): string => ["alignreg", ...givenArguments().map(shellWord)].join(" ");

/** Scripts of package.json that start this command line. */
const scripts = ["alignreg", "start"];

/** A command to type, its arguments quoted for a shell: through npm when this process was started so, as in the repository. */
export function typed(...args: readonly string[]): string {
  const isNpm = scripts.includes(process.env.npm_lifecycle_event ?? "");
  return [isNpm ? "npm run --silent alignreg --" : "alignreg", ...args.map(shellWord)].join(" ");
}

/** The arguments of this process, as they were given. */
export const givenArguments = (): string[] => process.argv.slice(2);
