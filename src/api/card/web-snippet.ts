import { lines, literal, literals } from "./code-text.ts";
import { running } from "./node-snippet.ts";
import { pixelsSnippet } from "./pixels-snippet.ts";
import type { SnippetPlan } from "./plan.ts";

/** The version whose files the page loads; another one does as well. */
const RUNTIME = "1.30.0";

/** A page with onnxruntime-web, and nothing of ours. */
export function webSnippet(plan: SnippetPlan): string {
  const { file, names, namesFile } = plan;
  return lines(
    `<!doctype html>`,
    `<meta charset="utf-8" />`,
    `<input type="file" accept="image/*" />`,
    `<output></output>`,
    `<script type="module">`,
    `  import * as ort from "https://cdn.jsdelivr.net/npm/onnxruntime-web@${RUNTIME}/dist/ort.wasm.bundle.min.mjs";`,
    ``,
    names !== null && `  const names = ${scriptSafe(literals(names, "javascript"))};`,
    namesFile !== null &&
      `  const { classNames: names } = await (await fetch(${scriptSafe(literal(encodeURI(namesFile), "javascript"))})).json();`,
    `  const session = await ort.InferenceSession.create(${scriptSafe(literal(encodeURI(file), "javascript"))});`,
    ``,
    indented(pixelsSnippet(plan)),
    ``,
    `  /** A file's picture, three bytes a pixel; without its colour profile, which the model was trained without. */`,
    `  async function decoded(blob) {`,
    `    const bitmap = await createImageBitmap(blob, {`,
    `      colorSpaceConversion: "none",`,
    `      premultiplyAlpha: "none",`,
    !plan.isUpright && `      imageOrientation: "none",`,
    `    });`,
    `    const { width, height } = bitmap;`,
    `    const canvas = new OffscreenCanvas(width, height).getContext("2d");`,
    `    canvas.drawImage(bitmap, 0, 0);`,
    `    const rgba = canvas.getImageData(0, 0, width, height).data;`,
    `    const data = new Uint8Array(3 * width * height);`,
    `    for (let from = 0, to = 0; to < data.length; from += 4) {`,
    `      for (let c = 0; c < 3; c++) data[to++] = rgba[from + c];`,
    `    }`,
    `    return { data, width, height };`,
    `  }`,
    ``,
    `  /** The probability of each class. */`,
    `  async function classify(blob) {`,
    indented(scriptSafe(running(plan, "decoded(blob)"))),
    `  }`,
    ``,
    `  document.querySelector("input").addEventListener("change", async ({ target }) => {`,
    `    const probabilities = await classify(target.files[0]);`,
    `    const best = probabilities.indexOf(Math.max(...probabilities));`,
    `    const name = ${names === null && namesFile === null ? "best" : "names[best]"};`,
    `    document.querySelector("output").textContent = \`\${name}: \${probabilities[best].toFixed(3)}\`;`,
    `  });`,
    `</script>`,
    ``,
  );
}

/** No tag that would end the script, in a string of it. */
const scriptSafe = (code: string): string => code.replaceAll("<", "\\u003c");

const indented = (code: string): string => code.replaceAll(/^(?=.)/gm, "  ");
