import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const pages = ["README.md", "CHANGELOG.md"].concat(
  readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
);

const { files, repository } = JSON.parse(readFileSync("package.json", "utf8")) as {
  files: string[];
  repository: { url: string };
};
const address = repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

/** Whether a path is part of the package: a reader who installed it finds it. */
const isShipped = (path: string): boolean =>
  !path.endsWith(".test.ts") && files.some((entry) => path === entry || path.startsWith(`${entry}/`));

test.each(pages)(
  "%s: every link leads to a file of the package, or to one of the repository by its address",
  (page) => {
    const text = readFileSync(page, "utf8");
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map((match) => match[1]);
    const broken = targets.filter((target) => {
      if (target.startsWith(address)) {
        const [, kind, path] = /^\/(blob|tree)\/main\/(.+)$/.exec(target.slice(address.length)) ?? [];
        return !(path && existsSync(path) && statSync(path).isDirectory() === (kind === "tree"));
      }
      if (/^[a-z]+:/.test(target)) return false;
      const path = join(dirname(page), target);
      return !(existsSync(path) && isShipped(path));
    });
    expect(broken).toEqual([]);
  },
);

const guides = ["CONTRIBUTING.md", "docs/contributing.md", "docs/adding-an-operator.md"];

test.each(guides)("%s: the files that it names are there", (page) => {
  const text = readFileSync(page, "utf8");
  const linked = [...text.matchAll(/\]\((?![a-z]+:)([^)#\s]+)/g)].map((match) =>
    join(dirname(page), match[1]),
  );
  const named = [...text.matchAll(/(?<![\w./-])(?:src|test|tools|scripts|docs|examples|\.ci)\/[\w./-]*\w/g)];
  const paths = [...linked, ...named.map(([path]) => path)].filter((path) => !path.includes("NAME"));
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

test.each(["README.md", ...guides])("%s: its commands are scripts of the package", (page) => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const named = [...readFileSync(page, "utf8").matchAll(/(?:^|`|&& )npm (?:run )?(?:--silent )?([a-z:]+)/gm)];
  const commands = named.map((match) => match[1]).filter((name) => !["ci", "install", "pack"].includes(name));
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
});
