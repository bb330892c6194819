/**
 * The one place from which this program writes: results to stdout, all else to stderr. Names, paths and messages of others
 * are made harmless here, so that no command can forget it; a lint rule keeps `console` and the streams to this file.
 */
import { fstatSync, writeSync } from "node:fs";
import { WriteError } from "../artifacts/index.ts";
import { AlignregError } from "../tensor/index.ts";
import { terminalJson, terminalMessage, terminalMessageLines, terminalText } from "../text/index.ts";
import { stackText } from "./stack-text.ts";

/**
 * What the command was called for, in lines of our own; what others named in it went through a table, or is escaped in its
 * own way.
 *
 * @throws WriteError when it cannot be written. A reader that has seen enough, as `head`, is no failure
 */
export const printResult = (text: string): Promise<void> => resultToStdout(terminalText(ended(text)));

/** The same for a program to read. @throws WriteError */
export const printJson = (value: unknown): Promise<void> =>
  resultToStdout(`${terminalJson(JSON.stringify(value, null, 2))}\n`);

/** What is in files too, and may be lost: a training on a full or closed stdout has done its work. */
export const printSummary = (text: string): void => void process.stdout.write(terminalText(ended(text)));

/** The same in a sentence, which names of others do not end. */
export const printSentence = (sentence: string): void => printSummary(terminalMessage(sentence));

/** A sentence of what is done, or was. */
export const printStatus = (sentence: string): void => toStderr(`${terminalMessage(sentence)}\n`);

/** What a user should know. */
export const printNote = (note: string): void => printStatus(`note: ${note}`);

/** A sentence below what a display left on its line. */
export const printLastWords = (sentence: string): void => toStderr(`\n${terminalText(sentence)}\n`);

/** The message alone of an error that is meant for the user. */
export function printError(error: Error): void {
  const isLaidOut = error instanceof AlignregError && error.isLaidOut;
  toStderr(`${(isLaidOut ? terminalMessageLines : terminalMessage)(`error: ${error.message}`)}\n`);
}

/** Where an error was thrown, and what caused it. */
export const printStack = (error: unknown): void => toStderr(`${terminalText(stackText(error))}\n`);

/** What the parser of the command line says beside the help: messages that name what was typed. */
export const parserOutput = {
  writeErr: (text: string): void => toStderr(terminalMessageLines(text)),
  // The guess, "(Did you mean train?)", has a line of its own, and nothing else.
  outputError: (text: string): void =>
    printStatus(text.trimEnd().replace(/\n(?=\(Did you mean [^\n]*$)/, " ")),
};

/** Where displays are drawn that move the cursor. All text that is not theirs goes through `terminalMessage` before. */
export const displayStream = (): NodeJS.WriteStream => process.stderr;

/** Writes a text where the display that stands on the last line leaves room. */
type WriteAbove = (text: string) => void;

let writeAbove: WriteAbove | null = null;

/** Lets a display that keeps the last line say how others write meanwhile; null: it is gone. */
export const displayOn = (write: WriteAbove | null): void => void (writeAbove = write);

const ended = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

/**
 * Lets what a command says as it works be lost, as on a full disk or a terminal that is gone: without listeners the failure
 * of a stream would end the process in the middle of its work.
 */
export function letOutputFail(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

async function resultToStdout(text: string): Promise<void> {
  try {
    if (isStdoutFile()) writeWholly(text);
    else await written(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw new WriteError("to stdout", error);
  }
}

function isStdoutFile(): boolean {
  try {
    return fstatSync(process.stdout.fd).isFile();
  } catch {
    return false;
  }
}

/** A full disk may take a part of what is written and say nothing; Node's stream would leave it at that. */
function writeWholly(text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) done += writeSync(process.stdout.fd, bytes, done);
}

const written = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });

function toStderr(text: string): void {
  if (writeAbove) writeAbove(text);
  else process.stderr.write(text);
}
