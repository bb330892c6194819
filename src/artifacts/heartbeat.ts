/**
 * The heartbeat of a lock: a process of its own that counts up in the lock's file, since ONNX Runtime keeps a training's
 * own timers waiting for seconds. Readers on other systems, who cannot ask for the process, see by it that the holder lives.
 */
import { type ChildProcess, spawn } from "node:child_process";

/**
 * A text and not a module: it starts within 40 ms in the repository, in the package and in bundles. The count is
 * overwritten in its place, through the file that was read: one that took its name meanwhile is not touched. It ends with its
 * parent, whose end closes stdin, and when the lock is gone or another's.
 */
const program = `
const { closeSync, fsyncSync, openSync, readFileSync, writeSync } = require("node:fs");
const [path, token, milliseconds] = process.argv.slice(1);
const end = () => process.exit(0);
process.stdin.on("end", end).on("close", end).on("error", end).resume();
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => undefined);
function beat() {
  let file;
  try {
    file = openSync(path, "r+");
  } catch (error) {
    if (error.code === "ENOENT") end();
    return;
  }
  try {
    const bytes = readFileSync(file);
    if (!bytes.includes(token)) end();
    const count = Number(bytes.toString("latin1", bytes.length - 11)) + 1;
    writeSync(file, String(count).padStart(10, "0"), bytes.length - 11);
    fsyncSync(file);
  } catch {
    // The disk is full, or away: the next beat may be heard.
  } finally {
    closeSync(file);
  }
}
setInterval(beat, Number(milliseconds));
`;

export interface Heartbeat {
  /** False once its process is gone. */
  readonly isBeating: boolean;
  stop(): void;
}

/**
 * Starts the heartbeat of a lock that is held. It keeps nothing alive.
 *
 * @param path   of the lock's file
 * @param token  what the file must hold
 */
export function startHeartbeat(path: string, token: string, milliseconds: number): Heartbeat {
  let child: ChildProcess | null = null;
  const gone = () => void (child = null);
  try {
    child = spawn(process.execPath, ["--eval", program, path, token, String(milliseconds)], {
      stdio: ["pipe", "ignore", "ignore"],
      // In a group of its own: Ctrl-Z stops the training, which still holds its lock.
      detached: true,
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    child.on("error", gone).on("exit", gone);
    child.stdin?.on("error", () => undefined);
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
  } catch {
    // No process to be had: the holder tries again, and readers on its own system need no heartbeat.
    gone();
  }
  return {
    get isBeating() {
      return child !== null;
    },
    stop() {
      child?.stdin?.destroy();
      child?.kill("SIGKILL");
      child = null;
    },
  };
}
