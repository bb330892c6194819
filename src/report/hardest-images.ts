import { percent } from "./format.ts";
import { Html, html } from "./html-template.ts";
import { pngDataUri } from "./png.ts";
import type { Picture } from "./record.ts";
import { imageName } from "./class-tables.ts";
import { shrunk } from "./shrunk.ts";
import type { HardImageRecord, TestReport } from "./test-record.ts";

/** Cards of the images with the lowest margins: wrong as they are, and broken by a transform. */
export function renderHardest({ hardest, pictures }: Pick<TestReport, "hardest" | "pictures">): Html {
  const wrong = (images: readonly HardImageRecord[]) => images.some(({ isRight }) => !isRight);
  return html`<h3>
      ${wrong(hardest.clean) ? "Wrong as they are, the lowest margin first" : "As they are: all right, the closest calls first"}
    </h3>
    <ul class="views">
      ${hardest.clean.map((image, i) => card(image, shown([[pictures.clean[i], "as it is"]], image)))}
    </ul>
    <h3>
      ${wrong(hardest.broken) ? "Right as they are, broken by a transform, the lowest margin first" : "Under every transform: all right, the closest calls first"}
    </h3>
    <ul class="views">
      ${hardest.broken.map((image, i) =>
        card(
          image,
          shown(
            [
              [pictures.broken[i]?.clean, "as it is"],
              [pictures.broken[i]?.view, image.member],
            ],
            image,
          ),
        ),
      )}
    </ul>`;
}

function card(image: HardImageRecord, figures: Html): Html {
  const { label, answer, isRight, confidence, margin } = image;
  const verdict = isRight
    ? html`<b>${answer}</b>`
    : html`<b class="wrong"><span role="img" aria-label="wrong:">✗</span> ${answer}</b>`;
  return html`<li>
    ${figures}
    <p class="file">${imageName(image)}</p>
    <p>
      class <b>${label}</b>, answer ${verdict}, ${percent(confidence)} % sure (margin ${margin.toFixed(2)})
    </p>
  </li>`;
}

function shown(views: readonly (readonly [Picture | undefined, string])[], { label }: HardImageRecord): Html {
  const there = views.flatMap(([picture, caption]) =>
    picture ? [{ picture: small(picture), caption }] : [],
  );
  if (there.length === 0) return html`${views.slice(1).map(([, caption]) => html`<p>${caption}</p>`)}`;
  return html`<div class="pair">
    ${there.map(
      ({ picture, caption }) =>
        html`<figure>
          <img
            src="${pngDataUri(picture)}"
            alt="Test image of class ${label}, ${caption}"
            width="${picture.width}"
            height="${picture.height}"
          />
          <figcaption>${caption}</figcaption>
        </figure>`,
    )}
  </div>`;
}

/** At most so many pixels high and wide on a page, which holds all of its pictures. */
const side = 160;

const small = (picture: Picture): Picture =>
  shrunk(picture, Math.ceil(Math.max(picture.height, picture.width) / side));
