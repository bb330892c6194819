import { createLogUpdate } from "log-update";
import type { StudyOverview } from "../study/index.ts";
import { terminalMessage } from "../text/index.ts";
import { duration, percent } from "./format.ts";
import { type StudyDisplay, eventLine, itemTitle } from "./study-display.ts";
import { overviewTable } from "./study-table.ts";

/** Milliseconds between redraws. */
const redrawInterval = 250;

/** A table that is redrawn in place, a line for each running cell, and above them what failed and what was chosen. */
export function liveStudyDisplay(
  title: string,
  overview: () => StudyOverview,
  stream: NodeJS.WriteStream,
): StudyDisplay {
  const screen = createLogUpdate(stream);
  const draw = () => screen(frame(title, overview()));
  const write = (line: string) => {
    screen.clear();
    stream.write(line);
    draw();
  };
  const timer = setInterval(draw, redrawInterval);
  draw();
  return {
    show(event) {
      if (event.kind === "failed" || event.kind === "chosen") write(`${eventLine(event)}\n`);
    },
    note: (text) => write(`note: ${terminalMessage(text)}\n`),
    stop() {
      clearInterval(timer);
      draw();
      screen.done();
    },
  };
}

/** What the live display shows at a moment. */
export function frame(title: string, { rows, total, secondsLeft, running }: StudyOverview): string {
  const left =
    secondsLeft === null || total.left + total.running === 0 ? "" : `  ${duration(secondsLeft)} left`;
  const cells = running.map(({ item, progress }) => {
    const state = progress === null ? "starting" : `${progress.stage} ${percent(progress.fraction)} %`;
    return `${state.padEnd(18)} ${terminalMessage(itemTitle(item))}`;
  });
  return [
    `${terminalMessage(title)}  ${percent(total.done / total.total)} %${left}`,
    overviewTable(rows, total),
    ...cells,
  ].join("\n");
}
