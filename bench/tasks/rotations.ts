import { rotation } from "../../src/augment/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import type { Job } from "../job.ts";
import type { Task } from "./task.ts";

/** The rotations of a batch, one angle after the other, as a step is fed them. One thread. */
export function rotationsTask({ degrees }: Job, tensors: ReadonlyMap<string, Tensor>): Task {
  const images = tensors.get("images")!;
  const [count, channels, height, width] = images.shape;
  const clean = { data: images.data as Float32Array, shape: [count, channels, height, width] as const };
  const [, ...members] = rotation({ degrees }).members;
  const views = new Float32Array(members.length * clean.data.length);
  return {
    // Without an await: the views of a batch are made in one go.
    step() {
      members.forEach((member, k) =>
        member.apply(clean, views.subarray(k * clean.data.length, (k + 1) * clean.data.length)),
      );
      return Promise.resolve();
    },
    rest: () => Promise.resolve(),
    check: () => ({
      sum: views.reduce((sum, value) => sum + value, 0),
      squares: views.reduce((sum, value) => sum + value * value, 0),
    }),
  };
}
