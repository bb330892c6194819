/**
 * `npm run bench`: peers side by side in one run, and the ratios of their medians.
 *
 * Options: --rounds N (default 6), --threads N (default 2), --tfjs-images N (default 256), --json FILE.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import writeFileAtomic from "write-file-atomic";
import { type Contender, interleave } from "./contender.ts";
import { lenetStep } from "./lenet-step.ts";
import { median } from "./statistics.ts";
import { tfjsEpoch } from "./tfjs-epoch.ts";
import { type TorchPeer, startTorchPeer } from "./torch-peer.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    threads: { type: "string", default: "2" },
    "tfjs-images": { type: "string", default: "256" },
    json: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const threads = Number(values.threads);

interface Row {
  readonly workload: string;
  readonly contender: string;
  readonly medianMs: number;
  readonly minMs: number;
  /** The peer's median over ours; null for ourselves. */
  readonly ratio: number | null;
}

async function compare(workload: string, ours: Contender, peers: readonly Contender[]): Promise<Row[]> {
  const times = await interleave([ours, ...peers], { rounds, stepsPerRound: 20 });
  await Promise.all([ours, ...peers].map((contender) => contender.close()));
  const own = median(times.get(ours.name)!);
  return [...times].map(([contender, ms]) => ({
    workload,
    contender,
    medianMs: median(ms),
    minMs: Math.min(...ms),
    ratio: contender === ours.name ? null : median(ms) / own,
  }));
}

function describePeer(peer: TorchPeer | null): string {
  if (!peer)
    return "PyTorch: skipped, no Python with torch here (Debian: python3-torch libopenblas0-pthread).";
  const { torch, blas } = peer.header;
  const fairness = blas.unfair.length > 0 ? ` UNFAIR to PyTorch: ${blas.unfair.join("; ")}.` : "";
  return `PyTorch ${torch}, ${blas.libraries.join(" + ")}, ${blas.openblasCore ?? "no OpenBLAS"} kernels.${fairness}`;
}

const machine = `${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores; ${threads} threads; Node ${process.versions.node}`;
const peer = await startTorchPeer(threads);
console.log(`${machine}\n${describePeer(peer)}\n`);

const torch = (workload: string, name: string) => (peer ? [peer.workload(workload, name)] : []);
const rows = [
  ...(await compare(
    "LeNet step, batch 128, Adam",
    lenetStep("base", "alignreg", { threads }),
    torch("plain", "PyTorch"),
  )),
  ...(await compare(
    "LeNet rwa step, batch 128, 4 rotations, Adam",
    lenetStep("rwa", "alignreg", { threads }),
    [...torch("careful", "PyTorch, careful loop"), ...torch("published", "PyTorch, published package's way")],
  )),
];
await peer?.close();
const epochs = await tfjsEpoch({ threads, tfjsImages: Number(values["tfjs-images"]) });

const table = new Table({
  head: ["workload", "contender", "median ms", "min ms", "alignreg is … times faster"],
  style: { head: [], border: [], compact: true },
});
for (const { workload, contender, medianMs, minMs, ratio } of rows) {
  table.push([workload, contender, medianMs.toFixed(2), minMs.toFixed(2), ratio?.toFixed(2) ?? ""]);
}
console.log(table.toString());
if (epochs) {
  const [ours, theirs] = epochs;
  const epochTable = new Table({
    head: ["epoch of 10,000 MNIST images, LeNet, batch 128, Adam", "s", "alignreg is … times faster"],
    style: { head: [], border: [], compact: true },
  });
  epochTable.push([ours.contender, ours.seconds.toFixed(1), ""]);
  epochTable.push([theirs.contender, theirs.seconds.toFixed(1), (theirs.seconds / ours.seconds).toFixed(0)]);
  console.log(epochTable.toString());
} else {
  console.log("TF.js: skipped, @tensorflow/tfjs is not installed (npm install --save-dev @tensorflow/tfjs).");
}
if (values.json) {
  const record = { machine, peer: peer?.header ?? null, rounds, threads, rows, epochs };
  await writeFileAtomic(values.json, `${JSON.stringify(record, null, 2)}\n`);
}
