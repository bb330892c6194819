import { accuracyChart } from "./accuracy-chart.ts";
import { Html, html } from "./html-template.ts";
import { renderManifest } from "./manifest-list.ts";
import type { ReportRecord } from "./record.ts";
import { renderScoreTable } from "./score-table.ts";
import { page } from "./page.ts";
import { renderWorstViews } from "./worst-views.ts";

/**
 * A self-contained HTML page of the results: what the scores mean, the table, accuracy by transform, test images
 * beside their worst view, and how to make it all again. No script, nothing fetched; all text is escaped.
 * `record.results`: at least one, no two with the same `methodLabel`.
 */
export async function renderReport(record: ReportRecord): Promise<string> {
  const { title, dataset, family, results, worstViews, manifest } = record;
  const samples = results[0].samples.toLocaleString("en");
  const chart = await accuracyChart(results, { axisLabel: `${family.name} (${family.unit})` });
  const subtitle = `${samples} test images of ${dataset} · ${memberList(results[0].members)}`;
  const body = html`<dl class="meanings">
      <div>
        <dt>Clean accuracy</dt>
        <dd>share of test images classified correctly as they are.</dd>
      </div>
      <div>
        <dt>Robust accuracy</dt>
        <dd>share classified correctly under every ${family.name} of the family: the worst case counts.</dd>
      </div>
      <div>
        <dt>Invariance</dt>
        <dd>how far an image's transformed copies are its own nearest neighbours in the model's output.</dd>
      </div>
    </dl>
    <section>
      <h2>Scores</h2>
      ${renderScoreTable(results)}
    </section>
    <section>
      <h2>Accuracy by ${family.name}</h2>
      <div class="scroll chart" role="region" aria-label="Chart of accuracy" tabindex="0">
        ${new Html(chart)}
      </div>
    </section>
    ${
      worstViews.length > 0
        ? html`<section>
            <h2>Test images beside their worst ${family.name}</h2>
            ${renderWorstViews(record)}
          </section>`
        : ""
    }
    <section>
      <h2>How this was made</h2>
      ${renderManifest(manifest)}
    </section>`;
  return page(title, subtitle, body);
}

const memberList = (members: readonly { readonly name: string }[]): string =>
  members.map(({ name }) => name).join(", ");
