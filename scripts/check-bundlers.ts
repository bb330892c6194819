/**
 * Makes the projects of docs/bundlers.md in empty folders, with the packed package, and runs every command line of the page:
 * `npx tsx scripts/check-bundlers.ts` for all, or with the headings of some ("Vite 7" esbuild).
 *
 * A block that begins with a file's name, in a comment, is that file. A command that serves is opened in Chromium; so is what
 * other commands left in dist/. There two steps must have the losses that they have in Node.
 */
import { execFile, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { exportStep, lenet } from "../src/index.ts";
import { launchChromium, noChromium } from "../test/tools/chromium.ts";
import { runSteps } from "../test/browser/run-steps.ts";
import { serve } from "../test/browser/serve.ts";
import { numbersOf, type Tensor } from "../src/tensor/index.ts";
import * as ort from "onnxruntime-node";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

interface Section {
  readonly heading: string;
  /** Path to text. */
  readonly files: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
}

const [shared, ...all] = sectionsOf(readFileSync(join(root, "docs/bundlers.md"), "utf8"));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.some(({ heading }) => heading === name));
if (unknown.length > 0) {
  throw new Error(
    `No such section: ${unknown.join(", ")}. There are: ${all.map((s) => s.heading).join(", ")}.`,
  );
}
if (noChromium) throw new Error(`Pages cannot be opened: ${noChromium}.`);

const work = mkdtempSync(join(tmpdir(), "alignreg-bundlers-"));
const losses = await nodesLosses();
const browser = await launchChromium();
let failed = 0;
try {
  const base = await sharedProject();
  for (const section of all.filter(({ heading }) => wanted.length === 0 || wanted.includes(heading))) {
    const startedAt = Date.now();
    const folder = join(work, section.heading.replace(/\W+/g, "-"));
    // Hard links: onnxruntime's files are half a gigabyte.
    await run("cp", ["-al", base, folder]);
    // But npm writes these where they are.
    for (const name of ["package.json", "package-lock.json"]) {
      rmSync(join(folder, name));
      copyFileSync(join(base, name), join(folder, name));
    }
    try {
      await checkProject(section, folder);
      console.log(`ok      ${section.heading} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${section.heading}: ${error instanceof Error ? error.message : String(error)}`);
    }
    rmSync(folder, { recursive: true, force: true });
  }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);

/** The page's second-level sections that have commands. */
function sectionsOf(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const files = new Map<string, string>();
      const commands: string[] = [];
      for (const [, language, body] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
        if (language === "sh") {
          commands.push(...body.trim().split("\n"));
          continue;
        }
        const name = /^(?:\/\/|<!--) ([\w./-]+\.\w+)(?: -->)?$/m.exec(body.slice(0, body.indexOf("\n")))?.[1];
        if (name === undefined) throw new Error(`A block of docs/bundlers.md names no file:\n${body}`);
        files.set(name, body);
      }
      return { heading: text.slice(0, text.indexOf("\n")), files, commands };
    })
    .filter(({ commands }) => commands.length > 0);
}

/** A new project with the package in it, and the page's shared files. */
async function sharedProject(): Promise<string> {
  const folder = join(work, "shared");
  mkdirSync(folder);
  await command("npm run --silent build", root);
  await command(`npm pack --silent --ignore-scripts --pack-destination ${work}`, root);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  await command("npm init -y", folder);
  await command("npm pkg set type=module", folder);
  const tarball = join(work, `alignreg-${version}.tgz`);
  for (const line of shared.commands) await command(line.replace(/ alignreg( |$)/, ` ${tarball}$1`), folder);
  writeFiles(shared, folder);
  return folder;
}

function writeFiles({ files }: Section, folder: string): void {
  for (const [name, text] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    // What lies there may be a hard link to a file of all.
    rmSync(path, { force: true });
    writeFileSync(path, text);
  }
}

async function checkProject(section: Section, folder: string): Promise<void> {
  writeFiles(section, folder);
  let isOpened = false;
  for (const line of section.commands) {
    if (!/^npx (vite|vite preview|next start)$/.test(line)) {
      await command(line, folder);
      continue;
    }
    isOpened = true;
    const { url, close } = await server(line, folder);
    try {
      await checkPage(url, line);
    } finally {
      await close();
    }
  }
  const built = join(folder, "dist");
  if (isOpened || !existsSync(built)) return;
  const served = await serve((path) => readFile(join(built, path === "/" ? "index.html" : path)));
  try {
    await checkPage(`${served.url}index.html`, "what was built");
  } finally {
    await served.close();
  }
}

/** Runs a command line to its end. @throws Error with what it printed, unless it ends well */
async function command(line: string, cwd: string): Promise<void> {
  try {
    await run("bash", ["-c", line], { cwd, env: environment(), maxBuffer: 2 ** 26, timeout: 600_000 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${line}\n${(stdout ?? "") + (stderr ?? "")}`.slice(-4000), { cause: error });
  }
}

/** Starts a server on a free port; resolves when it says where it is. */
async function server(line: string, cwd: string): Promise<{ url: string; close: () => Promise<void> }> {
  const place = line.includes("next") ? "-H 127.0.0.1 -p 0" : "--host 127.0.0.1 --port 0";
  // A group of its own: npx starts what serves.
  const child = spawn("bash", ["-c", `${line} ${place}`], { cwd, env: environment(), detached: true });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const close = () => {
    process.kill(-child.pid!);
    return closed;
  };
  let output = "";
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec((output += chunk.toString()));
        if (found) resolve(found[0]);
      });
    }
    void closed.then(() => reject(new Error(`${line} ended:\n${output}`)));
  });
  return { url: await url, close };
}

async function checkPage(url: string, what: string): Promise<void> {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  try {
    await page.goto(url);
    await page.waitForFunction(`document.querySelector("#losses")?.textContent`, null, { timeout: 60_000 });
    const text = await page.innerText("#losses");
    const numbers = text.split(" ").map(Number);
    const isSame = numbers.length === 2 && numbers.every((value, t) => Math.abs(value - losses[t]) < 1e-4);
    if (!isSame) throw new Error(`the page shows "${text}"; losses in Node: ${losses.join(" ")}`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${what}: ${reason}\n${said.join("\n")}`, { cause });
  } finally {
    await page.close();
  }
}

/** Losses of the page's two steps by the native runtime. */
async function nodesLosses(): Promise<number[]> {
  const step = exportStep(lenet(), { method: "base", batchSize: 8 });
  const plain = (tensor: Tensor) => ({ dtype: tensor.dtype, shape: tensor.shape, data: numbersOf(tensor) });
  const record = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, plain(tensor)]));
  const feeds = {
    batch: {
      images: { dtype: "float32", shape: step.images, data: new Array<number>(8 * 28 * 28).fill(0.5) },
      labels: { dtype: "int64", shape: [8], data: [0, 1, 2, 3, 4, 5, 6, 7] },
    },
    state: record(step.state),
    next: step.next,
    scalars: [0, 1].map((t) => record(step.feedsAt(t))),
  };
  return (await runSteps(ort, step.model, feeds, {})).losses;
}

/** Plain output, no reports home, and no settings of this repository's own commands. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && name !== "NODE_ENV");
  return { ...Object.fromEntries(own), NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
}
