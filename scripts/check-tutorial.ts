/**
 * Does what docs/tutorial.md says, from its first line to its last, in a folder that is empty:
 *
 *     tsx scripts/check-tutorial.ts FOLDER alignreg=alignreg.tgz @alignreg/backbone-efficientnet-lite0=backbone.tgz
 *
 * Packages of the page that are not published come from those tarballs. What the page shows of a command's output must be what it
 * printed, about (page-steps.ts). A server stays till the end; where there is Chromium its page is opened then, and given a picture.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { launchChromium, noChromium } from "../test/tools/chromium.ts";
import { toolsOf, unexpectedSkips } from "../test/tools/skips.ts";
import { missingOutput, stepsOf } from "./page-steps.ts";

const page = join(import.meta.dirname, "../docs/tutorial.md");
const folder = resolve(process.argv[2]);
const tarballs = process.argv.slice(3).map((pair) => pair.split("="));
const address = "http://localhost:8080";
const environment = { ...process.env, NO_COLOR: "1", COLUMNS: "200" };

mkdirSync(folder, { recursive: true });
if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty.`);
const startedAt = Date.now();
let server: ChildProcess | undefined;
let printed = "";
let isShown = true;
try {
  for (const step of stepsOf(readFileSync(page, "utf8"))) {
    if (step.kind === "file") writeFileSync(join(folder, step.name), step.text);
    else if (step.kind === "command") {
      // The output of a block's lines is together below it.
      if (isShown) printed = "";
      isShown = false;
      printed += await command(step.line);
    } else {
      isShown = true;
      const missing = missingOutput(step.text, printed);
      if (missing.length > 0)
        throw new Error(
          `The page shows what was not printed:\n${missing.join("\n")}\n\nPrinted:\n${printed}`,
        );
    }
  }
  if (server === undefined) throw new Error("The page starts no server.");
  if (!noChromium) await openPage();
  else if (isUnexpected(noChromium)) throw new Error(noChromium);
  else console.log(`The page of the server was not opened: ${noChromium}`);
  console.log(`docs/tutorial.md works, in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
} finally {
  server?.kill();
}

/** Whether TEST_TOOLS says that what is missing is there. */
function isUnexpected(reason: string): boolean {
  const tools = toolsOf(process.env.TEST_TOOLS);
  return tools !== null && unexpectedSkips([{ test: "docs/tutorial.md", reason }], tools).length > 0;
}

/** @returns what it printed */
async function command(line: string): Promise<string> {
  const began = Date.now();
  const here = line.startsWith("npm install ") ? withTarballs(line) : line;
  if (/^node server\b/.test(line)) return startServer(here);
  const { status, stdout } = spawnSync("bash", ["-c", `exec 2>&1; ${here}`], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  console.log(`$ ${line}\n${stdout}(${((Date.now() - began) / 1000).toFixed(1)} s)`);
  if (status !== 0) throw new Error(`It ended with code ${status}: ${line}`);
  return stdout;
}

function withTarballs(line: string): string {
  return tarballs.reduce(
    (text, [name, path]) => text.replace(new RegExp(` ${name}(?= |$)`), ` ${path}`),
    line,
  );
}

/** Resolves with what it prints first. */
function startServer(line: string): Promise<string> {
  const [program, ...args] = line.split(" ");
  const started = spawn(program, args, { cwd: folder, env: environment });
  server = started;
  let errors = "";
  started.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((done, failed) => {
    started.stdout.once("data", (chunk: Buffer) => done(chunk.toString()));
    started.on("close", () => failed(new Error(`The server ended: ${errors}`)));
  });
}

/** The page and the server must say the same of a picture. */
async function openPage(): Promise<void> {
  const picture = join(folder, "more/fish", readdirSync(join(folder, "more/fish"))[0]);
  const answer = await fetch(address, { method: "POST", body: readFileSync(picture) });
  const { name } = (await answer.json()) as { name: string };
  const browser = await launchChromium({ webgpu: false });
  try {
    const opened = await browser.newPage();
    await opened.goto(address.replace("localhost", "127.0.0.1"));
    await opened.waitForSelector("input:enabled", { timeout: 120_000 });
    await opened.setInputFiles("input", picture);
    await opened.waitForFunction(`document.querySelector("#answer").textContent !== ""`, null, {
      timeout: 60_000,
    });
    const said = (await opened.textContent("#answer")) ?? "";
    if (!said.startsWith(`${name},`)) throw new Error(`The page says "${said}", the server "${name}".`);
    console.log(`In Chromium: ${said}`);
  } finally {
    await browser.close();
  }
}
