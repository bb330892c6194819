import { percent, percentRange } from "./format.ts";
import { Html, html } from "./html-template.ts";
import type { ClassAnswersRecord, ClassReportRecord } from "./test-record.ts";

/** Precision, recall and F1 of each class as a table of a page, clean and in the worst case. */
export function renderClassScores({ classes, averages }: ClassReportRecord): Html {
  return html`<div class="scroll" role="region" aria-label="Scores by class" tabindex="0">
    <table class="scores classes">
      <caption>
        Percent, with 95 % intervals. Precision: share of the answers that are right. Recall: share of the
        class's images that are found. Worst case: each image under the view in which it comes out worst. –:
        nothing to measure, as in a class without test images; means are over the classes that have the score.
      </caption>
      <thead>
        <tr>
          <th rowspan="2" scope="col">class</th>
          <th rowspan="2" scope="col" class="number">images</th>
          <th colspan="3" scope="colgroup">clean</th>
          <th colspan="3" scope="colgroup">worst case</th>
        </tr>
        <tr>
          ${[0, 1].map(
            () =>
              html`<th scope="col" class="number">precision</th>
                <th scope="col" class="number">recall</th>
                <th scope="col" class="number">F1</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${classes.map(
          ({ name, images, clean, worstCase }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td class="number">${images}</td>
              ${cells(clean)}${cells(worstCase)}
            </tr>`,
        )}
        <tr>
          <th scope="row">mean of classes</th>
          <td></td>
          ${[averages.clean, averages.worstCase].map(({ precision, recall, f1 }) => html`${[precision, recall, f1].map(plain)}`)}
        </tr>
      </tbody>
    </table>
  </div>`;
}

const cells = ({ precision, recall, f1 }: ClassAnswersRecord): Html =>
  html`${ranged(precision)}${ranged(recall)}${plain(f1)}`;

const plain = (value: number | null): Html =>
  html`<td class="number">${value === null ? "–" : percent(value)}</td>`;

function ranged(interval: ClassAnswersRecord["recall"]): Html {
  if (interval === null) return html`<td class="number">–</td>`;
  const value = percent(interval.value);
  return html`<td class="number">
    ${value} <small>${percentRange(interval)}</small><span class="bar" style="--value: ${value}%"></span>
  </td>`;
}
