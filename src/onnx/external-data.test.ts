import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { expect, test } from "vitest";
import { externalLocations } from "./external-locations.ts";
import { readModel } from "./model-file.ts";

const entry = (key: string, value: string) => ({ key, value });

/** A model of one external tensor [2]. */
const model = (...externalData: { key: string; value: string }[]) =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      graph: {
        name: "g",
        initializer: [
          {
            name: "w",
            dims: [2n],
            dataType: TensorProto_DataType.FLOAT,
            dataLocation: TensorProto_DataLocation.EXTERNAL,
            externalData,
          },
        ],
      },
    }),
  );

const file = new Uint8Array(Float32Array.of(9, 1.5, -2, 7).buffer);

test("a tensor is read from the place in the file that its entries name", () => {
  const bytes = model(entry("location", "m.data"), entry("offset", "4"), entry("length", "8"));
  expect(externalLocations(bytes)).toEqual(["m.data"]);
  const { graph } = readModel(bytes, "m.onnx", new Map([["m.data", file]]));
  expect(Array.from(graph.initializers.get("w")!.data as Float32Array)).toEqual([1.5, -2]);
});

test("without offset and length it is the whole file", () => {
  const whole = file.slice(0, 8);
  const { graph } = readModel(model(entry("location", "w.bin")), "m.onnx", new Map([["w.bin", whole]]));
  expect(Array.from(graph.initializers.get("w")!.data as Float32Array)).toEqual([9, 1.5]);
});

test("a place outside the file, or a length that is not the tensor's, is an error", () => {
  const files = new Map([["m.data", file]]);
  const beyond = model(entry("location", "m.data"), entry("offset", "12"), entry("length", "8"));
  expect(() => readModel(beyond, "m.onnx", files)).toThrow(
    /"w" lies at bytes 12 to 20 of "m.data", which has 16/,
  );
  const short = model(entry("location", "m.data"), entry("length", "4"));
  expect(() => readModel(short, "m.onnx", files)).toThrow(/needs 8 bytes, the file has 4/);
});

test("bytes that are no model name no files", () => {
  expect(externalLocations(Uint8Array.of(1, 2, 3))).toEqual([]);
});
