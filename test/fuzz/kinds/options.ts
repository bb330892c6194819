/** Options and arguments of the public functions, as plain JavaScript lets them through. */
import * as alignreg from "../../../src/index.ts";
import { fixture } from "../fixture.ts";
import type { Kind } from "../kind.ts";
import { type Edit, pick } from "../plan.ts";
import { checkFinite, noise, stage } from "../road.ts";
import { oddNumbers, words } from "../words.ts";

type Call = (...values: unknown[]) => unknown;
const js = alignreg as unknown as Record<string, Call>;

const model = () => alignreg.cifarCnn({ shape: [3, 18, 18], classes: 3, width: 2, seed: 1 });
const data = () => noise([3, 18, 18], 3);
const quiet = { threads: 1, onNote: () => undefined };
const predictions = () => ({
  labels: Int32Array.of(0, 1),
  classes: 2,
  memberNames: ["identity", "a"],
  logits: [Float32Array.of(1, 0, 0, 1), Float32Array.of(1, 0, 1, 0)],
});
const arrays = () => ({
  name: "d",
  shape: [1, 2, 2],
  pixels: new Uint8Array(8),
  labels: [0, 1],
  classNames: ["a", "b"],
});
const predict = ({ shape }: { shape: readonly number[] }) => new Float32Array(shape[0] * 3).fill(1);

/** A call that succeeds as it is. */
const calls: readonly (readonly [name: string, args: () => unknown[]])[] = [
  [
    "fit",
    () => [
      model(),
      data(),
      { ...quiet, transforms: "rotation:90", epochs: 1, batchSize: 4, method: "rwa", regularizer: "l1" },
    ],
  ],
  [
    "fit",
    () => [
      model(),
      data(),
      {
        ...quiet,
        method: "va",
        epochs: 2,
        batchSize: 2,
        optimizer: "sgd",
        optimizerOptions: { momentum: 0.9, nesterov: true },
        schedule: { kind: "cosine", warmUp: 1 },
        mean: [127, 127, 127],
        std: [50, 50, 50],
        inputRange: 255,
        channelOrder: "bgr",
        clipNorm: 1,
        crop: 1,
        flip: true,
        trainable: { last: 1 },
        checkpoint: "c.onnx",
        checkpointSeconds: 1,
        transforms: { rotation: { degrees: [45] } },
        seed: 3,
        stepsPerLine: 1,
        lowering: "plain",
      },
    ],
  ],
  [
    "fit",
    () => [
      "model.onnx",
      noise([3, 16, 16], 5),
      {
        ...quiet,
        epochs: 1,
        batchSize: 4,
        regularizer: "wasserstein",
        regularizerOptions: { steps: 1, learningRate: 0.1, hidden: 4 },
        alignmentWeight: 0.5,
        alignmentWarmUp: 1,
        selection: "batch",
        classMap: { "0": 1, "1": 0, "2": 2, "3": 3, "4": 4 },
        transforms: alignreg.blur(),
      },
    ],
  ],
  [
    "evaluate",
    () => [
      model(),
      data(),
      {
        ...quiet,
        transforms: "rotation:90",
        batchSize: 2,
        distance: "cosine",
        seed: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
    ],
  ],
  ["evaluate", () => [predict, data(), { ...quiet, transforms: alignreg.contrast() }]],
  [
    "evaluate",
    () => [
      "model.onnx",
      noise([3, 16, 16], 5),
      {
        ...quiet,
        transforms: "blur:1",
        embedding: "logits",
        output: "logits",
        classMap: ["0", "1", "2", "3", "4"],
      },
    ],
  ],
  [
    "loadClassifier",
    () => ["model.onnx", { mean: [0, 0, 0], std: [1, 1, 1], inputRange: 1, channelOrder: "rgb" }],
  ],
  [
    "loadClassifier",
    () => [
      "model.onnx",
      { output: "logits", classNames: ["a", "b", "c", "d", "e"], imageShape: [3, 16, 16] },
    ],
  ],
  ["saveClassifier", () => [model(), "saved.onnx", {}]],
  ["saveWeights", () => [model(), "saved.safetensors"]],
  [
    "exportStep",
    () => [model(), { method: "rwa", batchSize: 2, transforms: "rotation:90", optimizer: "adam" }],
  ],
  [
    "testClassifier",
    () => [predict, data(), alignreg.rotation({ degrees: [90] }), { batchSize: 2, distance: "l1", seed: 2 }],
  ],
  ["scorePredictions", () => [predictions(), { distance: "l1", seed: 1 }]],
  ["datasetFromArrays", () => [arrays()]],
  ["loadData", () => ["photos", "train", { size: 16, channels: 3 }]],
  ["sample", () => [data(), 2, 1]],
  ["split", () => [data(), 0.5, 1]],
  ["subset", () => [data(), [0, 1], "two"]],
  ["take", () => [data(), 2]],
  ["imagesAt", () => [data(), [0, 1]]],
  ["labelsAt", () => [data(), [0, 1]]],
  ["epochOrder", () => [4, 0, 1]],
  ["lenet", () => [{ shape: [1, 28, 28], classes: 3, seed: 1 }]],
  ["cifarCnn", () => [{ shape: [3, 20, 20], classes: 3, width: 2, seed: 1 }]],
  ["resnet18", () => [{ shape: [3, 16, 16], classes: 3, width: 2, seed: 1 }]],
  ["mobileNet", () => [{ shape: [3, 16, 16], classes: 3, width: 4, seed: 1 }]],
  ["vgg", () => [{ shape: [3, 32, 32], classes: 3, width: 2, seed: 1 }]],
  ["rotation", () => [{ degrees: [15, 30] }]],
  ["blur", () => [{ sigmas: [1, 2] }]],
  ["noise", () => [{ seed: 1 }]],
  ["cutout", () => [{ seed: 1 }]],
  ["texture", () => [{}]],
  ["familyFromSpec", () => [{ rotation: { degrees: [45] } }]],
  ["familyFromSpec", () => ["rotation:15/contrast+noise"]],
  ["familyByName", () => ["rotation"]],
  ["union", () => [alignreg.rotation(), alignreg.blur()]],
  ["compose", () => [alignreg.rotation(), alignreg.blur()]],
  ["customFamily", () => ["own", { half: ({ data: x }: { data: Float32Array }) => x.map((v) => v / 2) }]],
  ["family", () => ["own", "x", [{ name: "a", apply: (image: unknown) => image }]]],
  ["loadFamily", () => [{ rotation: { degrees: [45] } }]],
  ["loadClassMap", () => ["map.json"]],
  ["lazyViews", () => [data(), alignreg.rotation()]],
  ["random", () => [1, "x"]],
  ["runStudy", () => ["nowhere.yaml", { out: "out", jobs: 1, retries: 1 }]],
];

/** Those whose undamaged call is wrong, or whose name is not what is thought. */
const refused = new Set(["runStudy"]);

class Own {
  readonly epochs = 1;
  get batchSize(): number {
    return 4;
  }
}

/** Values of every kind that there is, made anew for each use. */
const values: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => NaN,
  () => Infinity,
  () => -0,
  () => true,
  () => false,
  () => "3",
  () => "0.5",
  () => "rotation",
  () => [],
  () => ({}),
  () => [[]],
  () => [null],
  () => [NaN],
  () => ["1", 2],
  () => new Array<unknown>(3),
  () => [undefined],
  () => ({ length: 2 }),
  () => ({ last: 1 }),
  () => ({ kind: "step" }),
  () => Object.create(null) as unknown,
  () => Object.create({ epochs: 1, batchSize: 2 }) as unknown,
  () => JSON.parse('{"__proto__": {"epochs": 3}}') as unknown,
  () => JSON.parse('{"constructor": 1, "toString": 2}') as unknown,
  () => Object.freeze({ rotation: Object.freeze({ degrees: Object.freeze([45]) }) }),
  () => new Own(),
  () => () => 1,
  () => () => undefined,
  () => () => null,
  () => () => Promise.resolve(3),
  () => () => "text",
  () => class {},
  () => Symbol("x"),
  () => 10n,
  () => new Map([["a", 1]]),
  () => new Set([1]),
  () => new Date(NaN),
  () => /x/,
  () => Promise.resolve(1),
  () => new Uint8Array(),
  () => new Uint8Array(7),
  () => new Float32Array([NaN, 1]),
  () => new Float64Array(3),
  () => new BigInt64Array(2),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(4),
  () => structuredClone(new Uint8Array(4), { transfer: [] }),
  () => new Error("x"),
  () => new Proxy({}, {}),
  () => AbortSignal.abort(new alignreg.UsageError("stopped")),
  () => new AbortController(),
  () => {
    const own: Record<string, unknown> = {};
    own.own = own;
    return own;
  },
  () => new String("rotation"),
  () => new Number(3),
  () => alignreg.rotation(),
  () => data(),
  () => model(),
  () => predict,
  ...words.filter((word) => !/[/]|^\.\./.test(word)).map((word) => () => word),
  ...oddNumbers.filter((n) => Math.abs(n) <= 256 || n > 2 ** 52 || !Number.isInteger(n)).map((n) => () => n),
];

const names = [
  ...new Set(calls.flatMap(([, args]) => args().flatMap((arg) => (isRecord(arg) ? Object.keys(arg) : [])))),
  "selectBy",
  "alignSelectBy",
  "stopGradient",
  "compat",
  "augmentation",
  "executionProvider",
  "onMetrics",
  "onProgress",
  "onStart",
  "signal",
  "resume",
  "weights",
  "layers",
  "command",
  ...words.slice(0, 12),
];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Changes arguments in place: one of them, a member of its record, or of a record or list in it. */
function editArguments(args: unknown[], list: readonly Edit[]): void {
  for (const [how, where, what] of list) {
    const places: (readonly [holder: Record<string | number, unknown>, key: string | number])[] = [];
    const walk = (holder: Record<string | number, unknown>, depth: number) => {
      for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
        places.push([holder, key]);
        const value = holder[key];
        if (depth < 3 && (isRecord(value) || (Array.isArray(value) && value.length < 10)) && !isOfOurs(value))
          walk(value as Record<string | number, unknown>, depth + 1);
      }
    };
    walk(args as unknown as Record<number, unknown>, 0);
    if (places.length === 0) return;
    const [holder, key] = pick(places, where);
    // A getter of ours is not set, but nobody keeps plain objects from being anything.
    const put = (value: unknown) =>
      Reflect.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
    const value = pick(values, Math.floor(what / 8))();
    const inner = holder[key];
    const action = how % 6;
    if (action === 0 && isRecord(inner)) put({ ...inner, [pick(names, Math.floor(where / 64))]: value });
    else if (action === 1 && Array.isArray(holder)) holder.splice(Number(key), 1);
    else if (action === 1) Reflect.deleteProperty(holder, key);
    else if (action === 2) put(what % 2 === 0 ? [inner] : { value: inner });
    else if (action === 3 && typeof inner === "number") put(String(inner));
    else if (action === 4 && Array.isArray(inner)) put([...(inner as unknown[]), value]);
    else if (action === 5 && isRecord(inner) && !isOfOurs(inner))
      put({ ...inner, [pick(Object.keys(inner), Math.floor(where / 64)) ?? "x"]: value });
    else put(value);
  }
}

/** A graph is no option: what is in a model is damaged where files are. */
const isOfOurs = (value: object): boolean => "graph" in value || "initializers" in value;

export const options: Kind = {
  share: 6,
  bases: calls.length,
  damage: () => ({ files }),
  async walk(walk, _damaged, { base, edits }) {
    const [name, make] = pick(calls, base);
    const args = make();
    editArguments(args, edits);
    const result = await stage(walk, name, () => js[name](...args));
    if (name === "evaluate" || name === "testClassifier") checkFinite(result, "scores");
    if (edits.length === 0 && refused.has(name)) walk[name] = "result";
  },
};

const files = new Map([
  ["model.onnx", fixture("zoo/plain-convnet-plain-opset17.onnx")],
  ["map.json", new TextEncoder().encode('["a", "b"]')],
  ...["train", "test"].flatMap((part) =>
    ["a", "b"].map((name): [string, Uint8Array] => [
      `photos/${part}/${name}/1.png`,
      fixture("image-files/rgb.png"),
    ]),
  ),
]);
