import { SingleBar } from "cli-progress";
import { terminalMessage } from "../text/index.ts";
import { percent } from "./format.ts";
import { displayOn, displayStream } from "./print.ts";

/** Shows how far a long job is. */
export interface Progress {
  /**
   * @param done         0 … total
   * @param text         what else to say, a few words
   * @param isMilestone  show it now, whatever was shown shortly before
   */
  update(done: number, total: number, text: string, isMilestone?: boolean): void;
  /** Leaves the cursor at the start of a line. */
  stop(): void;
}

/** Seconds between plain lines. */
const plainInterval = 10;

/** Progress on stderr, which leaves stdout to results: a bar on a terminal, elsewhere a plain line now and then. */
export function openProgress(label: string, stream: NodeJS.WriteStream = displayStream()): Progress {
  const open = stream.isTTY ? bar : plainLines;
  const shown = open(terminalMessage(label), stream);
  return {
    update: (done, total, text, isMilestone) => shown.update(done, total, terminalMessage(text), isMilestone),
    stop: () => shown.stop(),
  };
}

/** Between these two the terminal breaks long lines again. */
const [breakLines, cutLines] = ["\u001b[?7h", "\u001b[?7l"];
const clearLine = "\r\u001b[0K";
const saveCursor = "\u001b7";

function bar(label: string, stream: NodeJS.WriteStream): Progress {
  const single = new SingleBar({
    stream,
    format: "{label} {bar} {text}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    // The text of a training run takes 74 columns, and what overflows is cut.
    barsize: Math.min(20, Math.max(4, stream.columns - 74)),
    // What others write takes its place, and it is drawn anew.
    forceRedraw: true,
    // Interrupts are ours; see with-progress.ts.
    gracefulExit: false,
  });
  let [isStarted, isShown] = [false, false];
  const stop = () => {
    if (!isShown) return;
    isShown = false;
    displayOn(null);
    process.off("exit", stop);
    single.stop();
  };
  const begin = () => {
    isShown = true;
    // What is said meanwhile takes the bar's line, and the bar the next: it goes back to where it was saved.
    displayOn((text) => {
      stream.write(clearLine + breakLines + text + saveCursor + cutLines);
      single.render();
    });
    // The terminal breaks lines again, however the process ends.
    process.on("exit", stop);
  };
  return {
    update(done, total, text, isMilestone = false) {
      // A job may have a part before, with steps of its own.
      if (isStarted) single.setTotal(total);
      if (isStarted) single.update(done, { text });
      else {
        isStarted = true;
        single.start(total, done, { label, text });
        begin();
      }
      if (isMilestone) single.render();
    },
    stop,
  };
}

function plainLines(label: string, stream: NodeJS.WriteStream): Progress {
  let shownAt = performance.now();
  return {
    update(done, total, text, isMilestone = false) {
      const now = performance.now();
      if (!isMilestone && now - shownAt < 1000 * plainInterval) return;
      shownAt = now;
      stream.write(`${label} ${percent(done / total)} %  ${text}\n`);
    },
    stop: () => undefined,
  };
}
