import { type StudyEvent, type StudyOverview, type WorkItem, cellTitle } from "../study/index.ts";
import { terminalMessage } from "../text/index.ts";
import { count, duration } from "./format.ts";

/** Shows a running study on stderr, which leaves stdout to results. */
export interface StudyDisplay {
  show(event: StudyEvent): void;
  /** A line of its own. */
  note(text: string): void;
  /** Leaves the cursor at the start of a line. */
  stop(): void;
}

/** A line for each cell that ends, and for each choice. */
export function plainStudyDisplay(
  title: string,
  overview: () => StudyOverview,
  stream: NodeJS.WriteStream,
): StudyDisplay {
  const { total } = overview();
  stream.write(`${terminalMessage(title)}: ${count(total.done)} of ${count(total.total)} done\n`);
  return {
    show(event) {
      const line = eventLine(event);
      if (line !== null) stream.write(`${progressText(overview())}  ${line}\n`);
    },
    note: (text) => void stream.write(`note: ${terminalMessage(text)}\n`),
    stop: () => undefined,
  };
}

const progressText = ({ total, secondsLeft }: StudyOverview): string => {
  const left = secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`;
  return `[${total.done}/${total.total}${total.failed > 0 ? `, ${total.failed} failed` : ""}${left}]`;
};

/** What there is to say about an event, in a line; null for those that only a live display shows. */
export function eventLine(event: StudyEvent): string | null {
  const sentence = eventSentence(event);
  // Messages of errors may be laid out in lines.
  return sentence === null ? null : terminalMessage(sentence.replace(/\s*\n\s*/g, " "));
}

function eventSentence(event: StudyEvent): string | null {
  switch (event.kind) {
    case "done":
      return `${itemTitle(event.item)}: done in ${event.seconds.toFixed(1)} s`;
    case "failed":
      return `${itemTitle(event.item)}: FAILED${event.isRetried ? ", trying again" : ""}: ${event.message}`;
    case "chosen": {
      const { family, column, lambda } = event.choice;
      return `${family} ${column}: ${lambda === null ? "no λ could be chosen" : `λ=${lambda} chosen`}`;
    }
    default:
      return null;
  }
}

/** A cell by what it is; `base` serves every family. */
export const itemTitle = ({ cell, arms }: WorkItem): string =>
  cellTitle(cell, cell.config.family === null ? null : arms[0].family);
