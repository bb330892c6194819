import { Html, html } from "./html-template.ts";
import { pngDataUri } from "./png.ts";
import type { ReportRecord, WorstView } from "./record.ts";

/** Cards of test images, each beside its worst view, with what every method says of both. */
export function renderWorstViews({
  worstViews,
  classNames,
}: Pick<ReportRecord, "worstViews" | "classNames">): Html {
  const nameOf = (label: number) => classNames?.[label] ?? String(label);
  return html`<ul class="views">
    ${worstViews.map((view) => card(view, nameOf))}
  </ul>`;
}

function card(view: WorstView, nameOf: (label: number) => string): Html {
  const { label, clean, worst, worstMember, predictions } = view;
  const image = (picture: WorstView["clean"], alt: string, caption: string) =>
    html`<figure>
      <img src="${pngDataUri(picture)}" alt="${alt}" width="${picture.width}" height="${picture.height}" />
      <figcaption>${caption}</figcaption>
    </figure>`;
  return html`<li>
    <div class="pair">
      ${image(clean, `Test image of class ${nameOf(label)}`, `class ${nameOf(label)}`)}
      ${image(worst, `The same image under ${worstMember}`, worstMember)}
    </div>
    <table>
      <thead>
        <tr>
          <th scope="col">predicted by</th>
          <th scope="col">clean</th>
          <th scope="col">worst</th>
        </tr>
      </thead>
      <tbody>
        ${predictions.map(
          (prediction) =>
            html`<tr>
              <th scope="row">${prediction.method}</th>
              ${verdict(prediction.clean, label, nameOf)}${verdict(prediction.worst, label, nameOf)}
            </tr>`,
        )}
      </tbody>
    </table>
  </li>`;
}

/** The predicted class; wrong ones are told by a mark and a word as well as by colour. */
function verdict(predicted: number, label: number, nameOf: (label: number) => string): Html {
  return predicted === label
    ? html`<td>${nameOf(predicted)}</td>`
    : html`<td class="wrong"><span role="img" aria-label="wrong:">✗</span> ${nameOf(predicted)}</td>`;
}
