import {
  renderStudyCsv,
  renderStudyLatex,
  renderStudyMarkdown,
  renderStudyText,
} from "../report/study/index.ts";

/** Forms of a study's tables, by the name that --format takes. */
export const tableFormats = {
  text: renderStudyText,
  markdown: renderStudyMarkdown,
  csv: renderStudyCsv,
  latex: renderStudyLatex,
};

export type TableFormat = keyof typeof tableFormats;
