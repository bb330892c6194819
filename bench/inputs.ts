/**
 * What every contender of a workload starts from, in one file: `images` [A·B, C, H, W] with block 0 the clean images,
 * `labels` int64 [B], and the model's initial weights and statistics, `model.` before their names.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWhole } from "../src/artifacts/index.ts";
import { rotation } from "../src/augment/index.ts";
import { imagesAt, openMnist } from "../src/data/index.ts";
import { readModel, writeSafetensors } from "../src/onnx/index.ts";
import { type ImageBatch, type Tensor, float32, int64, random, sizeOf } from "../src/tensor/index.ts";
import type { Job } from "./job.ts";
import { benchModels } from "./tasks/model.ts";
import { TRAINED_LENET } from "./tasks/trained-lenet.ts";

/** What of a job decides its inputs. */
export type InputSpec = Pick<Job, "work" | "model" | "width" | "method" | "degrees"> & {
  /** Images of a batch, or of the test set. */
  readonly samples: number;
};

/** A folder for input files, deleted by `remove`. */
export async function inputFolder() {
  const folder = await mkdtemp(join(tmpdir(), "alignreg-bench-"));
  let files = 0;
  return {
    async write(spec: InputSpec): Promise<string> {
      const path = join(folder, `${files++}.safetensors`);
      await writeWhole(path, writeSafetensors(await tensorsOf(spec)));
      return path;
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

async function tensorsOf(spec: InputSpec): Promise<Map<string, Tensor>> {
  const { images, labels } = await batchOf(spec);
  const weights =
    spec.work === "evaluate"
      ? readModel(await readFile(TRAINED_LENET)).graph.initializers
      : benchModels[spec.model].make(spec.width).graph.initializers;
  return new Map<string, Tensor>([
    ["images", spec.work === "rotate" || spec.work === "evaluate" ? asTensor(images) : viewsOf(images, spec)],
    ["labels", int64(labels)],
    ...[...weights].map(([name, value]) => [`model.${name}`, value] as const),
  ]);
}

/** MNIST's test digits where the model takes such; else noise, as no such data set is always at hand. */
async function batchOf({ model, samples }: InputSpec): Promise<{ images: ImageBatch; labels: number[] }> {
  const { shape } = benchModels[model];
  if (model === "lenet") {
    const digits = await (await openMnist()).read("test");
    const indices = Int32Array.from({ length: samples }, (_, i) => i);
    return { images: imagesAt(digits, indices), labels: Array.from(digits.labels.subarray(0, samples)) };
  }
  const rng = random(0, "bench");
  const data = Float32Array.from({ length: samples * sizeOf(shape) }, () => rng.uniform());
  return {
    images: { data, shape: [samples, ...shape] },
    labels: Array.from({ length: samples }, () => rng.integer(10)),
  };
}

/** The images, and where the method chooses among views their rotations. */
function viewsOf(images: ImageBatch, { method, degrees }: InputSpec): Tensor {
  if (method === "base") return asTensor(images);
  const { members } = rotation({ degrees });
  const views = new Float32Array(members.length * images.data.length);
  members.forEach((member, k) =>
    views.set(k === 0 ? images.data : member.apply(images), k * images.data.length),
  );
  return float32([members.length * images.shape[0], ...images.shape.slice(1)], views);
}

const asTensor = ({ data, shape }: ImageBatch): Tensor => float32(shape, data);
