/** The YAML at a card's head, by which Hugging Face's hub sorts models and shows their results. */
import { visible } from "../../text/index.ts";
import type { Described } from "../sidecar/describe.ts";
import type { CardTest } from "./sections.ts";

/** Double quotes of JSON are YAML's. */
const quoted = (value: string): string => JSON.stringify(visible(value));

export function frontMatter(
  { validation }: Described,
  title: string,
  test: CardTest | null,
  data: string | null,
): string {
  const scores = test ?? validation?.scores;
  const metrics: readonly (readonly [type: string, name: string, value: number])[] = scores
    ? [
        ["accuracy", "clean accuracy", scores.clean.value],
        ["accuracy", "robust accuracy (right under every shift)", scores.robust.value],
        ["invariance", "invariance", scores.invariance.value],
      ]
    : [];
  const index =
    metrics.length === 0
      ? []
      : [
          `model-index:`,
          `  - name: ${quoted(title)}`,
          `    results:`,
          `      - task:`,
          `          type: image-classification`,
          `        dataset:`,
          `          name: ${quoted(test?.data ?? data ?? "validation")}`,
          `          type: ${quoted("image-folder")}`,
          `          split: ${test ? "test" : "validation"}`,
          `        metrics:`,
          ...metrics.map(
            ([type, name, value]) =>
              `          - type: ${type}\n            name: ${quoted(name)}\n            value: ${Number(value.toFixed(4))}`,
          ),
        ];
  return [
    `---`,
    `library_name: onnx`,
    `pipeline_tag: image-classification`,
    `tags:`,
    `  - onnx`,
    `  - image-classification`,
    `  - robustness`,
    `  - alignreg`,
    ...index,
    `---`,
  ].join("\n");
}
