/** The training, in a worker: the page stays at hand meanwhile. */
import {
  type LabelledImages,
  type TransformFamily,
  argmax,
  classifierFile,
  exportStep,
  lazyViews,
  lenet,
  rotation,
  testClassifier,
} from "alignreg/browser";
import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-web/wasm";
import { fetchDigits } from "./digits.ts";
import type { Order, Report, ShownDigit } from "./messages.ts";

type Start = Extract<Order, { kind: "start" }>;

const batchSize = 64;
const trainDigits = 4000;
const testDigits = 1000;
const shownDigits = 12;
const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));

let isStopped = false;
const tell = (report: Report) => self.postMessage(report);

self.addEventListener("message", ({ data: order }: MessageEvent<Order>) => {
  if (order.kind === "stop") isStopped = true;
  else {
    train(order).catch((error: unknown) => {
      tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    });
  }
});

async function train({ base, method, provider, steps }: Start): Promise<void> {
  const ort = await runtime(provider);
  const digits = await fetchDigits(base);
  const trainSet = digits(0, trainDigits);
  const testSet = digits(trainDigits, trainDigits + testDigits);
  const family = rotation();
  tell({
    kind: "shown",
    digits: await shown(testSet, family),
    memberNames: family.members.map(({ name }) => name),
  });

  // One training step as an ONNX file: views forward, the worst of them, loss, backward, Adam.
  const step = exportStep(lenet(), { method, transforms: family, batchSize, learningRate: 2e-3, provider });
  const session = await ort.InferenceSession.create(step.model, { executionProviders: [provider] });
  const tensorsOf = (values: typeof step.state): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(values).map(([name, { data, shape }]) => [
        name,
        new ort.Tensor("float32", data as Float32Array, shape),
      ]),
    );
  let state = tensorsOf(step.state);
  await test("before");

  const views = lazyViews(trainSet, family);
  let t = 0;
  for (; t < steps && !isStopped; t++) {
    const indices = Array.from({ length: batchSize }, (_, i) => (t * batchSize + i) % trainDigits);
    const images = new Float32Array(step.images.reduce((a, b) => a * b));
    if (step.viewsPerSample === 1) await trainSet.read(indices, images);
    else await views.fill(indices, images);
    const labels = BigInt64Array.from(indices, (index) => BigInt(trainSet.labels[index]));
    const startedAt = performance.now();
    const outputs = await session.run({
      ...state,
      ...tensorsOf(step.feedsAt(t)),
      images: new ort.Tensor("float32", images, step.images),
      labels: new ort.Tensor("int64", labels, [batchSize]),
    });
    const milliseconds = performance.now() - startedAt;
    state = Object.fromEntries(Object.entries(step.next).map(([input, output]) => [input, outputs[output]]));
    tell({ kind: "step", step: t + 1, loss: Number(outputs.loss.data[0]), milliseconds });
    // Lets the page's "stop" come in.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const file = await test("after");
  tell({ kind: "trained", steps: t, file });

  /** Tests the classifier of this moment by the library's own procedure. Returns its ONNX file. */
  async function test(when: "before" | "after"): Promise<Uint8Array<ArrayBuffer>> {
    const weights = Object.entries(state).map(([name, { data }]) => [name, data as Float32Array] as const);
    const bytes = new Uint8Array(
      classifierFile({ ...step.trained(Object.fromEntries(weights)), classNames }),
    );
    const classifier = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
    const answers: number[][] = [];
    const scores = await testClassifier(
      async ({ data, shape }) => {
        const { logits } = await classifier.run({ images: new ort.Tensor("float32", data, shape) });
        return (logits as TypedTensor<"float32">).data;
      },
      testSet,
      family,
      {
        onProgress: (done, total) => tell({ kind: "testing", share: done / total }),
        onPredictions: ({ logits, classes }) => {
          for (let i = 0; i < shownDigits; i++) {
            answers.push(logits.map((rows) => argmax(rows, i * classes, classes)));
          }
        },
      },
    );
    await classifier.release();
    tell({ kind: "tested", when, scores, answers });
    return bytes;
  }
}

/** ONNX Runtime for a provider. @throws Error where this browser has no such thing */
async function runtime(provider: Start["provider"]): Promise<{
  InferenceSession: typeof InferenceSession;
  Tensor: typeof Tensor;
}> {
  if (provider === "webgpu" && !(await adapter())) {
    throw new Error("This browser offers no WebGPU here. Choose WebAssembly, which needs no graphics card.");
  }
  const ort = await (provider === "webgpu"
    ? import("onnxruntime-web/webgpu")
    : import("onnxruntime-web/wasm"));
  // More threads need SharedArrayBuffer, that is, a page with the headers of cross-origin isolation.
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return ort;
}

/** What WebGPU would run on; nothing in browsers without it and on pages that are not secure. */
async function adapter(): Promise<unknown> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return gpu?.requestAdapter();
}

/** The first digits of a set with all their views. */
async function shown(set: LabelledImages, family: TransformFamily): Promise<ShownDigit[]> {
  const shape = [1, ...set.shape] as const;
  const digits: ShownDigit[] = [];
  for (let i = 0; i < shownDigits; i++) {
    const data = new Float32Array(shape.reduce((a, b) => a * b));
    await set.read([i], data);
    digits.push({
      label: set.labels[i],
      views: family.members.map((member) => member.apply({ data, shape })),
    });
  }
  return digits;
}
