/**
 * jax-js's plain step of LeNet on its WebAssembly backend, all of it in one `jit`. In Node it has no worker threads (it looks
 * for a global `Worker`), so it runs on one.
 */
import type * as Jax from "@jax-js/jax";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Tensor, numbersOf } from "../../src/tensor/index.ts";
import { LEARNING_RATES } from "../job.ts";
import { optionalImport } from "../optional-import.ts";
import type { Task } from "../tasks/task.ts";
import { serve } from "./serve.ts";

const PARAMETERS = ["conv1", "conv2", "fc1", "fc2", "fc3"].flatMap((layer) => [
  `${layer}.weight`,
  `${layer}.bias`,
]);
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

const jax = await optionalImport<typeof Jax>("@jax-js/jax");
if (jax) {
  const available = await jax.init("wasm");
  if (!available.includes("wasm")) throw new Error("jax-js has no WebAssembly backend here.");
  jax.defaultDevice("wasm");
  await serve({ versions: `jax-js ${installedVersion()}, WebAssembly, 1 thread` }, (_, tensors) =>
    lenetTask(jax, tensors),
  );
}

/** Parameters, their first and their second moments, each as {@link PARAMETERS}. */
type State = Jax.Array[];

function lenetTask(jax: typeof Jax, tensors: ReadonlyMap<string, Tensor>): Task {
  const { lax, nn, numpy: np } = jax;
  const put = ({ data, shape }: Tensor) => np.array(data, { shape: [...shape] });
  const images = put(tensors.get("images")!);
  const labels = nn.oneHot(np.array(numbersOf(tensors.get("labels")!), { dtype: np.int32 }), 10);

  // Every function takes over its arguments; `.ref` keeps what is used again.
  const pooled = (x: Jax.Array) => {
    const [n, c, h, w] = x.shape;
    return np.max(nn.relu(x).reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
  };
  const perChannel = (bias: Jax.Array) => bias.reshape([1, -1, 1, 1]);
  const dense = (x: Jax.Array, weight: Jax.Array, bias: Jax.Array) =>
    np.matmul(x, weight.transpose()).add(bias);
  const same: [number, number][] = [
    [2, 2],
    [2, 2],
  ];
  function loss(parameters: State, x: Jax.Array, y: Jax.Array): Jax.Array {
    const [w1, b1, w2, b2, w3, b3, w4, b4, w5, b5] = parameters;
    let h = pooled(lax.convGeneralDilated(x, w1, [1, 1], same).add(perChannel(b1)));
    h = pooled(lax.convGeneralDilated(h, w2, [1, 1], "VALID").add(perChannel(b2)));
    h = nn.relu(dense(h.reshape([h.shape[0], -1]), w3, b3));
    h = nn.relu(dense(h, w4, b4));
    return nn
      .logSoftmax(dense(h, w5, b5))
      .mul(y)
      .sum(1)
      .mean()
      .neg();
  }
  const lossAndGradient = jax.valueAndGrad(loss);
  const update = jax.jit(
    (
      parameters: State,
      m: State,
      v: State,
      x: Jax.Array,
      y: Jax.Array,
      size: Jax.Array,
      correction: Jax.Array,
    ) => {
      const [value, gradient] = lossAndGradient(
        parameters.map((p) => p.ref),
        x,
        y,
      ) as [Jax.Array, State];
      const nextM = m.map((mi, i) => mi.mul(BETA1).add(gradient[i].ref.mul(1 - BETA1)));
      const nextV = v.map((vi, i) => vi.mul(BETA2).add(np.square(gradient[i]).mul(1 - BETA2)));
      const next = parameters.map((p, i) =>
        p.sub(nextM[i].ref.mul(size.ref).div(np.sqrt(nextV[i].ref).mul(correction.ref).add(EPSILON))),
      );
      size.dispose();
      correction.dispose();
      return [value, next, nextM, nextV];
    },
  );

  let parameters: State = PARAMETERS.map((name) => put(tensors.get(`model.${name}`)!));
  let m: State = parameters.map(({ shape }) => np.zeros(shape));
  let v: State = parameters.map(({ shape }) => np.zeros(shape));
  const losses: number[] = [];
  return {
    async step() {
      const t = losses.length + 1;
      const size = np.array(LEARNING_RATES.adam / (1 - BETA1 ** t));
      const correction = np.array(1 / Math.sqrt(1 - BETA2 ** t));
      let value: Jax.Array;
      [value, parameters, m, v] = update(parameters, m, v, images.ref, labels.ref, size, correction) as [
        Jax.Array,
        State,
        State,
        State,
      ];
      await jax.blockUntilReady([parameters, m, v]);
      losses.push(Number(await value.jsAsync()));
    },
    rest: () => Promise.resolve(),
    check: () => ({ first: losses[0], second: losses[1], last: losses.at(-1)! }),
  };
}

/** Its package file is not among its exports. */
function installedVersion(): string {
  const entry = createRequire(import.meta.url).resolve("@jax-js/jax");
  const { version } = JSON.parse(readFileSync(new URL("../package.json", `file://${entry}`), "utf8")) as {
    version: string;
  };
  return version;
}
