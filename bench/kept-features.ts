/**
 * Features of photographs under 13 views, as a run on a frozen backbone computes them once: EfficientNet-Lite0 at 224², by
 * the cache of `fit`; and by PyTorch, the views by torchvision, the same folded network in either memory layout.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { loadBackbone, loadFamily } from "../src/api/index.ts";
import { prepareModel } from "../src/api/prepare-model.ts";
import { writeWhole } from "../src/artifacts/index.ts";
import { type Features, cutFrozen, fillCache, openCache, prefixOf } from "../src/features/index.ts";
import { withNewHead } from "../src/models/index.ts";
import { writeSafetensors } from "../src/onnx/index.ts";
import { float32, pickImages, random } from "../src/tensor/index.ts";
import type { Row } from "./record.ts";
import { median } from "./statistics.ts";

/** Four batches of the frozen part. */
const IMAGES = 52;
const SHAPE = [3, 224, 224] as const;
const PIXELS = 3 * 224 * 224;
/** In which each has its turn. */
const ROUNDS = 3;

/** The workload's name. */
export const KEPT = `Features of ${IMAGES} images of 224² under 13 views, EfficientNet-Lite0`;

const answerSchema = z.object({
  versions: z.string(),
  runs: z.array(z.object({ contender: z.string(), seconds: z.number(), mean: z.number() })),
});

/** Our row and PyTorch's; of us alone, with a note, where there is no Python with torch and torchvision. */
export async function keptFeatures(options: {
  threads: number;
  note: (line: string) => void;
}): Promise<Row[]> {
  const { threads, note } = options;
  const backbone = await loadBackbone("efficientnet-lite0");
  const model = withNewHead(backbone, { classNames: ["a", "b"], featureScale: "own" });
  const prepared = prepareModel(model, SHAPE, { trainable: ["head.*"], align: "logits" });
  const cut = cutFrozen(prepared.graph, new Set(prepared.trained), {
    ...{ input: model.input, image: SHAPE, targets: [model.logits], frozenStatistics: prepared.frozen },
  });
  if ("none" in cut) throw new Error(`There is no frozen part: ${cut.none}.`);
  const session = { threads };
  const prefix = await prefixOf(model, cut, SHAPE, session);
  const family = await loadFamily("rotation:-30,-15,15,30+brightness+blur");
  const pixels = patches();
  const images = {
    count: IMAGES,
    hash: "patches",
    seenShape: SHAPE,
    read: (indices: ArrayLike<number>) =>
      Promise.resolve(pickImages({ data: pixels, shape: [IMAGES, ...SHAPE] }, indices)),
  };
  const fill = async () => {
    const startedAt = performance.now();
    const cache = openCache(prefix, { folder: null, memoryBytes: Infinity, session, onNote: note });
    const features = await fillCache(cache, images, family.members, family);
    return { seconds: (performance.now() - startedAt) / 1000, mean: meanOf(features, family.members.length) };
  };

  const folder = mkdtempSync(join(tmpdir(), "alignreg-bench-"));
  try {
    const { nodes, initializers } = prefix.graph;
    const tensors = new Map([...initializers, ["pixels", float32([IMAGES, ...SHAPE], pixels)] as const]);
    const floats = [...tensors].filter(([, { dtype }]) => dtype === "float32");
    await writeWhole(join(folder, "tensors.safetensors"), writeSafetensors(new Map(floats)));
    const graph = nodes.map(({ opType, inputs, outputs, attributes }) => ({
      ...{ opType, inputs, outputs },
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map(Number) : Number(value),
        ]),
      ),
    }));
    await writeWhole(join(folder, "graph.json"), JSON.stringify(graph));
    const runs = new Map<string, { readonly seconds: number; readonly mean: number }[]>();
    const measured = (contender: string, run: { readonly seconds: number; readonly mean: number }) =>
      runs.set(contender, [...(runs.get(contender) ?? []), run]);
    for (let round = 0; round < ROUNDS; round++) {
      measured("alignreg", await fill());
      const answer = askPython(folder, threads);
      if (round === 0)
        note(`torch: ${typeof answer === "string" ? `no kept features, ${answer}` : answer.versions}.`);
      if (typeof answer === "string") continue;
      for (const { contender, ...run } of answer.runs) measured(contender, run);
    }
    const ours = runs.get("alignreg")!;
    const middle = (some: typeof ours) => median(some.map(({ seconds }) => seconds));
    return [...runs].map(([contender, some]): Row => {
      const [{ mean }] = some;
      if (Math.abs(mean - ours[0].mean) > 1e-3 * Math.abs(ours[0].mean))
        throw new Error(`${contender} has features of mean ${mean}; ours is ${ours[0].mean}.`);
      return {
        ...{ workload: KEPT, contender, unit: "ms", n: some.length, check: { mean }, growth: null },
        median: 1000 * middle(some),
        min: 1000 * Math.min(...some.map(({ seconds }) => seconds)),
        ratio: contender === "alignreg" ? null : middle(some) / middle(ours),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of all images under all members. */
function meanOf(features: Features, members: number): number {
  const found = new Float32Array(features.size);
  let sum = 0;
  for (let image = 0; image < IMAGES; image++) {
    for (let member = 0; member < members; member++) {
      features.read(image, member, found);
      sum += found.reduce((a, b) => a + b, 0);
    }
  }
  return sum / (IMAGES * members * features.size);
}

/** Smooth patches of colour: photographs have edges, and are not noise. [N, 3, H, W] */
function patches(): Float32Array {
  const rng = random(0, "patches");
  const pixels = new Float32Array(IMAGES * PIXELS);
  for (let plane = 0; plane < IMAGES * 3; plane++) {
    const [a, b, c] = [rng.uniform(), rng.uniform(), rng.uniform()];
    for (let i = 0; i < 224 * 224; i++) {
      const wave = Math.sin(0.3 * a * (i % 224)) * Math.cos(0.3 * b * Math.floor(i / 224));
      pixels[plane * 224 * 224 + i] = 0.5 + 0.4 * wave * c;
    }
  }
  return pixels;
}

/** What PyTorch took, or why it did not take part. PYTHON names another interpreter than python3. */
function askPython(folder: string, threads: number): z.output<typeof answerSchema> | string {
  const script = fileURLToPath(new URL("peers/kept_features.py", import.meta.url));
  const pythons = [process.env.PYTHON, "/usr/bin/python3", "python3"].filter(
    (path): path is string => path !== undefined && (!path.startsWith("/") || existsSync(path)),
  );
  let why = "there is no Python";
  for (const python of pythons) {
    const { status, stdout, stderr } = spawnSync(python, [script, folder, String(threads)], {
      encoding: "utf8",
      env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    });
    if (status === 0) return answerSchema.parse(JSON.parse(stdout));
    why = (stderr ?? "").trim().split("\n").at(-1) ?? why;
  }
  return why;
}
