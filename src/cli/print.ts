/**
 * The one place from which this program writes: results to stdout, all else to stderr. Names, paths and messages of others
 * are made harmless here, so that no command can forget it; a lint rule keeps `console` and the streams to this file.
 */
import { inspect } from "node:util";
import { AlignregError } from "../tensor/index.ts";
import { terminalJson, terminalMessage, terminalMessageLines, terminalText } from "../text/index.ts";

/** A result in lines of our own; what others named in it went through a table, or is escaped in its own way. */
export const printResult = (text: string): void => toStdout(terminalText(ended(text)));

/** A result for a program to read. */
export const printJson = (value: unknown): void =>
  toStdout(`${terminalJson(JSON.stringify(value, null, 2))}\n`);

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
export const printStack = (error: unknown): void => toStderr(`${terminalText(inspect(error))}\n`);

/** What the parser of the command line says: its own help, and messages that name what was typed. */
export const parserOutput = {
  writeOut: (text: string): void => toStdout(terminalText(text)),
  writeErr: (text: string): void => toStderr(terminalMessageLines(text)),
};

/** Where displays are drawn that move the cursor. All text that is not theirs goes through `terminalMessage` before. */
export const displayStream = (): NodeJS.WriteStream => process.stderr;

const ended = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

const toStdout = (text: string): void => void process.stdout.write(text);
const toStderr = (text: string): void => void process.stderr.write(text);
