export { csvText } from "./csv.ts";
export { htmlText } from "./html.ts";
export { latexText } from "./latex.ts";
export { markdownText } from "./markdown.ts";
export { shellWord } from "./shell.ts";
export { shortened } from "./shortened.ts";
export {
  terminalJson,
  terminalLine,
  terminalMessage,
  terminalMessageLines,
  terminalText,
} from "./terminal.ts";
export { visible } from "./visible.ts";
