import { Html, html } from "./html-template.ts";
import type { ClassReportRecord } from "./test-record.ts";

/** Classes of a matrix on a page, and of one whose cells have room for their numbers. */
const mostClasses = 100;
const roomyClasses = 24;
/** Names of so many stand side by side. */
const fewClasses = 6;

type Matrix = readonly (readonly number[])[];

/** The confusion matrices, clean and worst case: of many classes those that are mistaken most. */
export function renderConfusion({ classes, confusion, mistakes }: ClassReportRecord): Html {
  if (confusion === null || classes.length > mostClasses) {
    return html`<p>
        ${classes.length} classes have no matrix here. The most frequent mistakes in the worst case:
      </p>
      ${mistakeTable(mistakes)}`;
  }
  const names = classes.map(({ name }) => name);
  return html`<p>
      Images of each class (rows) by answer (columns). Right answers are on the diagonal; an empty cell is
      none.
    </p>
    ${matrixTable("As they are", names, confusion.clean)}
    ${matrixTable("Each image under its worst view", names, confusion.worstCase)}
    ${
      classes.length > roomyClasses
        ? html`<h3>The most frequent mistakes</h3>
            ${mistakeTable(mistakes)}`
        : ""
    }`;
}

function matrixTable(title: string, names: readonly string[], rows: Matrix): Html {
  const size = names.length > roomyClasses ? "tight" : names.length > fewClasses ? "roomy" : "roomy few";
  return html`<div class="scroll" role="region" aria-label="Confusion matrix: ${title}" tabindex="0">
    <table class="confusion ${size}">
      <caption>
        ${title}
      </caption>
      <thead>
        <tr>
          <th scope="col">class</th>
          ${names.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row, i) => matrixRow(names, row, i))}
      </tbody>
    </table>
  </div>`;
}

function matrixRow(names: readonly string[], row: readonly number[], i: number): Html {
  const images = row.reduce((a, b) => a + b, 0);
  const cell = (count: number, j: number) => {
    if (count === 0) return html`<td></td>`;
    const percent = Math.round((100 * count) / images);
    const about = i === j ? "right" : `taken for ${names[j]}`;
    return html`<td
      class="${i === j ? "right" : "mistaken"}"
      style="--share: ${percent}%"
      title="${names[i]}, ${about}: ${count} of ${images}"
    >
      ${count}
    </td>`;
  };
  return html`<tr>
    <th scope="row" title="${names[i]}"><span>${names[i]}</span></th>
    ${row.map(cell)}
  </tr>`;
}

function mistakeTable(mistakes: ClassReportRecord["mistakes"]): Html {
  const clean = new Map(
    mistakes.clean.map(({ label, answer, images }) => [JSON.stringify([label, answer]), images]),
  );
  return html`<table class="mistakes">
    <thead>
      <tr>
        <th scope="col">class</th>
        <th scope="col">taken for</th>
        <th scope="col" class="number">clean</th>
        <th scope="col" class="number">worst case</th>
      </tr>
    </thead>
    <tbody>
      ${mistakes.worstCase.slice(0, 20).map(
        ({ label, answer, images }) =>
          html`<tr>
            <th scope="row">${label}</th>
            <td>${answer}</td>
            <td class="number">${clean.get(JSON.stringify([label, answer])) ?? 0}</td>
            <td class="number">${images}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
