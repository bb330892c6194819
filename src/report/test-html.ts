import { renderClassScores } from "./class-score-table.ts";
import { renderConfusion } from "./confusion-matrix.ts";
import { percent, percentRange } from "./format.ts";
import { renderHardest } from "./hardest-images.ts";
import { Html, html } from "./html-template.ts";
import { renderManifest } from "./manifest-list.ts";
import { page } from "./page.ts";
import type { TestReport } from "./test-record.ts";

/**
 * A self-contained HTML page of one test: scores, each class, what is mistaken for what, the hardest images, and how to make
 * it all again. No script, nothing fetched; all text is escaped.
 */
export function renderTestReport(report: TestReport): string {
  const { title, dataset, samples, perClass, hardest, notes, manifest, members } = report;
  const subtitle = `${samples.toLocaleString("en")} test images of ${dataset} · ${members.map(({ name }) => name).join(", ")}`;
  const body = html`${
      notes.length > 0
        ? html`<section aria-labelledby="notes">
            <h2 id="notes">Notes</h2>
            <ul class="notes">
              ${notes.map((note) => html`<li>${note}</li>`)}
            </ul>
          </section>`
        : ""
    }
    <section>
      <h2>Scores</h2>
      ${renderScores(report)}
    </section>
    <section>
      <h2>Class by class</h2>
      ${renderClassScores(perClass)}
    </section>
    <section>
      <h2>What is taken for what</h2>
      ${renderConfusion(perClass)}
    </section>
    ${
      hardest.clean.length + hardest.broken.length > 0
        ? html`<section>
            <h2>The hardest images</h2>
            ${renderHardest(report)}
          </section>`
        : ""
    }
    <section>
      <h2>How this was made</h2>
      ${renderManifest(manifest)}
    </section>`;
  return page(title, subtitle, body);
}

function renderScores({ cleanAccuracy, robustAccuracy, invarianceScore, members, family }: TestReport): Html {
  const row = (name: string, meaning: string, score: TestReport["cleanAccuracy"]) => {
    const value = percent(score.value);
    return html`<tr>
      <th scope="row">${name} <small>${meaning}</small></th>
      <td class="number">
        ${value} <small>${percentRange(score)}</small><span class="bar" style="--value: ${value}%"></span>
      </td>
    </tr>`;
  };
  return html`<div class="scroll" role="region" aria-label="Scores" tabindex="0">
    <table class="scores few">
      <caption>
        Percent, with 95 % intervals.
      </caption>
      <thead>
        <tr>
          <th scope="col">score</th>
          <th scope="col" class="number">%</th>
        </tr>
      </thead>
      <tbody>
        ${row("clean accuracy", "images as they are", cleanAccuracy)}
        ${row("robust accuracy", `right under every ${family.name} of the family`, robustAccuracy)}
        ${row("invariance", "an image's copies are its own nearest neighbours", invarianceScore)}
        ${members.map(({ name, accuracy, low, high }) => row(`accuracy, ${name}`, "", { value: accuracy, low, high }))}
      </tbody>
    </table>
  </div>`;
}
