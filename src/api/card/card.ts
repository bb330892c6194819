/** A model card: what a classifier is, what it was trained on, how good it is, and how to run it, in Markdown. */
import { markdownText, shortened } from "../../text/index.ts";
import type { Described } from "../sidecar/describe.ts";
import { frontMatter } from "./front-matter.ts";
import { lines } from "./code-text.ts";
import { nodeSnippet } from "./node-snippet.ts";
import { pythonSnippet } from "./python-snippet.ts";
import { type CardTest, notFor, pictures, results, trainedOn, whatItIs } from "./sections.ts";
import { snippetPlan } from "./snippet-plan.ts";
import { webSnippet } from "./web-snippet.ts";

/**
 * The usual name beside a model. Not README.md, which Hugging Face's hub calls it, because a folder may have one of its owner's: to
 * publish the folder there it is renamed.
 */
export const CARD_NAME = "MODEL_CARD.md";

export interface CardInput {
  /** As of a run's folder. */
  readonly title: string;
  readonly described: Described;
  /** The ONNX file's name, which lies beside the card; null for other models. */
  readonly file: string | null;
  /** Its sha256, where it is known. */
  readonly sha256?: string;
  /** Name of the sidecar. */
  readonly sidecar: string;
  /** Images that the graph takes at a time, where it holds to a number. */
  readonly batch: number | null;
  readonly test: CardTest | null;
}

export function modelCard({ title, described, file, sha256, sidecar, batch, test }: CardInput): string {
  const plan = snippetPlan(described, file, sidecar, batch);
  const parts = [
    frontMatter(described, title, test, described.training?.data.name ?? null),
    `# ${markdownText(shortened(title, 100))}`,
    whatItIs(described),
    trainedOn(described),
    pictures(described),
    results(described, test),
    notFor(described),
    "none" in plan
      ? `## Running it\n\nThere is no snippet to run it without alignreg here, because ${plan.none}.`
      : lines(
          `## Running it`,
          ``,
          `With alignreg, in Node (\`npm install --ignore-scripts alignreg\`), which also says how stable an answer is under the shifts:`,
          ``,
          fenced(
            "js",
            [
              `import { loadClassifier } from "alignreg";`,
              ``,
              `const model = await loadClassifier(${JSON.stringify(file)});`,
              `const { name, probability, stability } = await model.predict("picture.jpg");`,
            ].join("\n"),
          ),
          ``,
          `Without it, a picture must come to its size as in training: by the same kernel, antialiased, on decoded pixels, upright. Other ` +
            `resizing moves probabilities by several per cent. The three programs below do that, and give the probabilities that alignreg gives ` +
            `to 0.001. They lie beside \`${codeText(file!)}\`${plan.namesFile === null ? "" : ` and \`${codeText(plan.namesFile)}\``}.`,
          ``,
          `### Node: classify.mjs`,
          ``,
          `By [onnxruntime-node](https://www.npmjs.com/package/onnxruntime-node) and [sharp](https://www.npmjs.com/package/sharp): \`node classify.mjs picture.jpg\`. It reads no BMP, and no ` +
            `orientation that is in XMP alone.`,
          ``,
          fenced("js", nodeSnippet(plan)),
          ``,
          `### A page: classify.html`,
          ``,
          `By [onnxruntime-web](https://www.npmjs.com/package/onnxruntime-web). A browser turns JPEGs and PNGs by their EXIF orientation, and no WebP; ` +
            `it has colours of its own for inks (CMYK) and AVIF, and a canvas loses a little of transparent pictures.`,
          ``,
          fenced("html", webSnippet(plan)),
          ``,
          `### Python: classify.py`,
          ``,
          `By onnxruntime, Pillow (9.1 or newer) and NumPy: \`python classify.py picture.jpg\``,
          ``,
          fenced("python", pythonSnippet(plan)),
        ),
    sha256 && file !== null ? `\`${codeText(file)}\` has the sha256 \`${sha256}\`.` : null,
  ];
  return `${parts.filter((part) => part !== null).join("\n\n")}\n`;
}

/** Longer than any fence inside. */
function fenced(language: string, code: string): string {
  const longest = [...code.matchAll(/`{3,}/g)].reduce((most, [ticks]) => Math.max(most, ticks.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code.trimEnd()}\n${fence}`;
}

/** A file's name within one pair of backticks. */
const codeText = (name: string): string => name.replaceAll(/[`\s]/g, " ");
