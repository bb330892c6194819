import { methodLabel, methodMeanings, percent, percentRange, seconds } from "./format.ts";
import { Html, html } from "./html-template.ts";
import type { MethodResult } from "./record.ts";

const scores = [
  { key: "cleanAccuracy", heading: "clean accuracy" },
  { key: "robustAccuracy", heading: "robust accuracy" },
  { key: "invarianceScore", heading: "invariance" },
] as const;

/** The results as an HTML table: percent with 95 % intervals, a bar for each, the highest of a column in bold. */
export function renderScoreTable(results: readonly MethodResult[]): Html {
  // As printed: scores that read the same are equally bold.
  const highest = scores.map(({ key }) => percent(Math.max(...results.map((result) => result[key].value))));
  return html`<div class="scroll" role="region" aria-label="Scores by method" tabindex="0">
    <table class="scores">
      <caption>
        Percent, with 95 % intervals; the highest of each column in bold.
      </caption>
      <thead>
        <tr>
          <th scope="col">method</th>
          ${scores.map(({ heading }) => html`<th scope="col" class="number">${heading}</th>`)}
          <th scope="col" class="number">training</th>
          <th scope="col" class="number">test</th>
        </tr>
      </thead>
      <tbody>
        ${results.map(
          (result) =>
            html`<tr>
              <th scope="row">
                ${methodLabel(result)} <small>${methodMeanings.get(result.method) ?? ""}</small>
              </th>
              ${scores.map(({ key }, column) => scoreCell(result[key], highest[column]))}
              <td class="number">${seconds(result.trainSeconds)} s</td>
              <td class="number">${seconds(result.testSeconds)} s</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function scoreCell(interval: MethodResult["cleanAccuracy"], highest: string): Html {
  const value = percent(interval.value);
  return html`<td class="number">
    ${value === highest ? html`<strong>${value}</strong>` : value}
    <small>${percentRange(interval)}</small>
    <span class="bar" style="--value: ${value}%"></span>
  </td>`;
}
