import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runGraph, runWithGradients } from "../../../test/run-graph.ts";
import { type Tensor, UsageError, float32 } from "../../tensor/index.ts";
import { regularizerByName, regularizers } from "./index.ts";
import { squaredL2 } from "./squared-l2.ts";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/objective/squared-l2.json", import.meta.url), "utf8"),
) as Record<"logits" | "viewLogits" | "perSample" | "gradLogits" | "gradViewLogits", Stored> & {
  value: number;
};
const read = ({ shape, data }: Stored): Tensor => float32(shape, data);
const feeds = { z: read(fixture.logits), zView: read(fixture.viewLogits) };

test("value of each sample as in PyTorch; 0 for the equal rows 1 and 4", async () => {
  const { d } = await runGraph(feeds, (g, { z, zView }) => ({ d: squaredL2.distance(g, z, zView, []) }));
  expect(d.data as Float32Array).toBeAllClose(fixture.perSample.data, { rtol: 1e-6 });
  expect([d.data[1], d.data[4]]).toEqual([0, 0]);
});

test("batch mean and both gradients as in PyTorch", async () => {
  const result = await runWithGradients(feeds, (g, { z, zView }) =>
    g.mean(squaredL2.distance(g, z, zView, []), [0]),
  );
  expect(result.value.data as Float32Array).toBeAllClose([fixture.value], { rtol: 1e-6 });
  expect(result["grad:z"].data as Float32Array).toBeAllClose(fixture.gradLogits.data, {
    rtol: 1e-5,
    atol: 1e-7,
  });
  expect(result["grad:zView"].data as Float32Array).toBeAllClose(fixture.gradViewLogits.data, {
    rtol: 1e-5,
    atol: 1e-7,
  });
});

test("regularizers are found by name; an unknown one is told the choices", () => {
  expect(regularizerByName("squaredL2")).toBe(squaredL2);
  expect(() => regularizerByName("l3")).toThrow(UsageError);
  expect(() => regularizerByName("toString")).toThrow(Object.keys(regularizers).join(", "));
});
