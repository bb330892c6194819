/**
 * What each member costs, for bench/shifts.py, which starts this and times the same in other programs in turns with it. First a line of
 * JSON on stdout, the members; then for each line on stdin, `<number of the member> <small or photograph>`, the milliseconds of
 * processor time that the member takes for 128 images of 3×32×32 or for one of 3×224×224.
 */
import { createInterface } from "node:readline";
import { families } from "../src/augment/index.ts";
import { type ImageBatch, random, sizeOf } from "../src/tensor/index.ts";

const rng = random(20261128, "shifts");
const images = (shape: ImageBatch["shape"]): ImageBatch => ({
  data: Float32Array.from({ length: sizeOf(shape) }, () => rng.integer(256) / 255),
  shape,
});
const workloads: Readonly<Record<string, ImageBatch>> = {
  small: images([128, 3, 32, 32]),
  photograph: images([1, 3, 224, 224]),
};

/** Of corruptions severity 3, with the constants that imagecorruptions has; the digits' are for grey images. */
const members = Object.values(families)
  .map((make) => make())
  .filter(({ name }) => !name.startsWith("corruptions-"))
  .flatMap(({ name, members }) => members.slice(1).map((member) => ({ family: name, member })))
  .filter(({ member }) => !/severity [1245]$/.test(member.name));

/** Of processor time, all threads of this process together: what else a machine does counts little. */
function milliseconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Of one run, over as many as take some milliseconds. */
function millisecondsOf(run: () => unknown): number {
  const once = milliseconds(run);
  const count = Math.max(1, Math.ceil(10 / Math.max(once, 0.01)));
  return (
    milliseconds(() => {
      for (let i = 0; i < count; i++) run();
    }) / count
  );
}

/** As in the middle of a training: V8 compiles WebAssembly well only when it has run for a while. */
function warmUp(run: () => unknown): void {
  const end = performance.now() + 500;
  do run();
  while (performance.now() < end);
}

const isWarm = new Set<string>();
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
print({
  node: process.version,
  members: members.map(({ family, member }) => ({ family, member: member.name })),
});
for await (const line of createInterface({ input: process.stdin })) {
  const [number, workload] = line.split(" ");
  const { member } = members[Number(number)];
  const batch = workloads[workload];
  const out = new Float32Array(batch.data.length);
  if (!isWarm.has(line)) warmUp(() => member.apply(batch, out));
  isWarm.add(line);
  print(millisecondsOf(() => member.apply(batch, out)));
}
