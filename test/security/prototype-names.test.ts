import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProtoSchema, TensorProto_DataType } from "onnx-buf";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fit, inspectTensors, loadClassifier, tryStep } from "../../src/api/index.ts";
import { familyFromSpec } from "../../src/augment/index.ts";
import { datasetFromArrays, loadData } from "../../src/data/index.ts";
import { readModel, readSafetensors, writeModel, writeSafetensors } from "../../src/onnx/index.ts";
import { parseClassMap } from "../../src/api/load-class-map.ts";
import { openClassifier } from "../../src/runtime/index.ts";
import { parseStudy } from "../../src/study/parse.ts";
import { AlignregError, float32 } from "../../src/tensor/index.ts";
import { CLASSES, int, modelFile, node } from "./outside-model.ts";

/** What every plain object answers to. */
const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bias = (name: string) =>
  create(TensorProtoSchema, {
    name,
    dims: [BigInt(CLASSES)],
    dataType: TensorProto_DataType.FLOAT,
    floatData: Array.from({ length: CLASSES }, (_, i) => i),
  });

const data = datasetFromArrays({
  name: "d",
  shape: [1, 2, 5],
  pixels: new Uint8Array(40).fill(9),
  labels: [0, 1, 2, 3],
  classNames: Array.from({ length: CLASSES }, (_, i) => String(i)),
});

async function logitsOf(file: Uint8Array): Promise<number[]> {
  const { graph, logits } = await loadClassifier(file);
  const session = await openClassifier(graph, { output: logits });
  const rows = await session.predict({ data: new Float32Array(CLASSES).fill(1), shape: [1, 1, 2, 5] });
  await session.release();
  return Array.from(rows);
}
const expected = Array.from({ length: CLASSES }, (_, i) => i + 1);

describe.each(names)("%s", (name) => {
  test("as an operator it is unknown", async () => {
    const file = modelFile({ nodes: [node(name, ["flat"], ["w"])] });
    const classifier = await loadClassifier(file).catch((error: unknown) => error);
    if (classifier instanceof Error) return void expect(classifier).toBeInstanceOf(AlignregError);
    const trying = tryStep(classifier as never, "m", { shape: [1, 2, 5] });
    await expect(trying).rejects.toThrow(AlignregError);
    await expect(fit(classifier as never, data, { epochs: 1, transforms: "contrast" })).rejects.toThrow(
      AlignregError,
    );
  });

  test("as an initializer's name it trains", async () => {
    const file = modelFile({
      nodes: [node("Neg", [name], ["minus"]), node("Neg", ["minus"], ["w"])],
      initializers: [bias(name)],
    });
    expect(await logitsOf(file)).toEqual(expected);
    const classifier = await loadClassifier(file);
    expect(inspectTensors(classifier, { shape: [1, 2, 5] }).tensors.map((t) => t.name)).toContain(name);
    await tryStep(classifier, "m", { shape: [1, 2, 5] });
    const { model } = await fit(classifier, data, { epochs: 1, method: "base", transforms: "contrast" });
    expect([...model.graph.initializers.keys()]).toContain(name);
    const again = readModel(writeModel(readModel(file)));
    expect(again.graph.initializers.has(name)).toBe(true);
  });

  test("as an attribute, a value, metadata and the graph's output it stays", () => {
    const whole = modelFile({
      nodes: [node("Identity", ["start"], ["w"], [int(name, 3)])],
      initializers: [bias("start")],
    });
    const { graph } = readModel(whole);
    expect(readModel(writeModel({ graph, irVersion: 8, producer: "", metadata: {} })).graph).toEqual(graph);
    expect(Object.keys(graph.nodes.find(({ inputs }) => inputs[0] === "start")!.attributes)).toEqual([name]);
  });

  test("as the name of input and output a model runs", async () => {
    const proto = create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: "", version: 17n }],
      metadataProps: [{ key: name, value: "x" }],
      graph: {
        name,
        input: [value(`in_${name}`, 4)],
        output: [value(name, 2)],
        node: [
          node("Flatten", [`in_${name}`], ["flat"], [int("axis", 1)]),
          node("Add", ["flat", "w"], [name]),
        ],
        initializer: [bias("w")],
      },
    });
    const file = toBinary(ModelProtoSchema, proto);
    expect(Object.keys(readModel(file).metadata)).toEqual([name]);
    // Its record of outputs is a plain object, which loses this one.
    if (name === "__proto__") return void (await expect(logitsOf(file)).rejects.toThrow(AlignregError));
    expect(await logitsOf(file)).toEqual(expected);
  });

  test("as a tensor of a safetensors file it is one", () => {
    const tensors = new Map([[name, float32([2], Float32Array.of(1, 2))]]);
    expect([...readSafetensors(writeSafetensors(tensors), "w").keys()]).toEqual([name]);
  });

  test("as a tensor in an index of safetensors files it is one, and is not left out where the index lacks it", async () => {
    const file = join(folder, "shard.safetensors");
    const index = join(folder, "model.safetensors.index.json");
    const weights = Float32Array.from({ length: CLASSES }, (_, i) => 7 * i);
    writeFileSync(file, writeSafetensors(new Map([[name, float32([CLASSES], weights)]])));
    const model = modelFile({ nodes: [node("Neg", [name], ["w"])], initializers: [bias(name)] });
    writeFileSync(index, `{ "weight_map": { "${name}": "shard.safetensors" } }`);
    const { graph } = await loadClassifier(model, { weights: index });
    expect(graph.initializers.get(name)!.data).toEqual(weights);
    writeFileSync(index, `{ "weight_map": { "other": "shard.safetensors" } }`);
    await expect(loadClassifier(model, { weights: index })).rejects.toThrow(
      `does not list 1 tensors that its file shard.safetensors holds: ${name}`,
    );
  });

  test("as a class folder, a family, an option and a class map's entry", async () => {
    const images = join(folder, name, name);
    mkdirSync(images, { recursive: true });
    writeFileSync(
      join(images, "a.png"),
      Buffer.from(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "base64",
      ),
    );
    expect((await loadData(join(folder, name), "train")).classNames).toEqual([name]);
    await expect(loadData(name, "train")).rejects.toThrow(AlignregError);
    for (const spec of [
      name,
      `${name}:1`,
      JSON.parse(`{ "rotation": { "${name}": 1 } }`),
      JSON.parse(`{ "${name}": {} }`),
    ]) {
      expect(() => familyFromSpec(spec as string)).toThrow(AlignregError);
    }
    const map = parseClassMap(`{ "${name}": 3 }`, "map");
    expect(Object.entries(map)).toEqual([[name, 3]]);
    const options = JSON.parse(`{ "epochs": 1, "${name}": 1 }`) as object;
    const classifier = await loadClassifier(modelFile({ nodes: [], initializers: [bias("w")] }));
    await expect(fit(classifier, data, options)).rejects.toThrow(AlignregError);
  });

  test("in a study file it is no setting", () => {
    for (const text of [
      `${name}: 1\n`,
      `model: ${name}\n`,
      `method: ${name}\n`,
      `data:\n  name: mnist\n  ${name}: 3\n`,
    ]) {
      expect(() => parseStudy(text, "s.yaml")).toThrow(AlignregError);
    }
    const lambdas = `values: { default: [1], ${name}: [1] }`;
    const text = `name: s\ndata: { name: mnist }\nfamilies: [rotation]\nmethods: [rwa]\nlambda: { ${lambdas} }\n`;
    expect(() => parseStudy(text, "s.yaml")).toThrow(name);
  });
});

function value(name: string, rank: number) {
  const lengths = rank === 4 ? [1, 2, 5] : [CLASSES];
  return {
    name,
    type: {
      value: {
        case: "tensorType" as const,
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: {
            dim: [
              { value: { case: "dimParam" as const, value: "n" } },
              ...lengths.map((length) => ({ value: { case: "dimValue" as const, value: BigInt(length) } })),
            ],
          },
        },
      },
    },
  };
}
