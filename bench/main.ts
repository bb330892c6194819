/**
 * `npm run bench`: peers side by side in one run, and the ratios of their medians.
 *
 * Options: --rounds N (default 6), --threads N (default 2), --only TEXT (workloads whose name has it, long ones too),
 * --quick (LeNet, evaluation and rotations), --all (also ResNet-18's long steps, peak memory and growth),
 * --tfjs-images N (default 256; of the epoch that TensorFlow.js trains), --json FILE.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-node";
import { toJson, writeWhole } from "../src/artifacts/index.ts";
import { compare } from "./compare.ts";
import { inputFolder } from "./inputs.ts";
import { KEPT, keptFeatures } from "./kept-features.ts";
import { Peers, describePeer } from "./peers.ts";
import type { BenchRecord, Row } from "./record.ts";
import { printedTable } from "./table.ts";
import { EPOCH, tfjsEpoch } from "./tfjs-epoch.ts";
import { workloads } from "./workloads.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    threads: { type: "string", default: "2" },
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    "tfjs-images": { type: "string", default: "256" },
    json: { type: "string" },
  },
});

/** A mean of processes that want to run, over the last minute, from which others' work shows in the figures. */
const BUSY_LOAD = 0.5;

/** @throws Error for anything but a whole number from 1 */
function count(option: "rounds" | "threads" | "tfjs-images"): number {
  const value = Number(values[option]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${option} ${values[option]}: give a whole number of at least 1.`);
}
const rounds = count("rounds");
const threads = count("threads");
const tfjsImages = count("tfjs-images");

function isChosen(name: string, tier: (typeof workloads)[number]["tier"]): boolean {
  if (values.only !== undefined) return name.toLowerCase().includes(values.only.toLowerCase());
  return tier === "quick" || values.all || (tier === "usual" && !values.quick);
}
const chosen = workloads.filter(({ name, tier }) => isChosen(name, tier));
const withEpoch = isChosen(EPOCH, "usual");
const withKept = isChosen(KEPT, "usual");
if (chosen.length === 0 && !withEpoch && !withKept) {
  const names = [...workloads.map(({ name }) => name), EPOCH, KEPT].join("\n  ");
  throw new Error(`No workload's name has "${values.only}". They are:\n  ${names}`);
}

const machine =
  `${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} processors, ${os.type()} ${os.arch()}; ` +
  `${threads} threads; Node ${process.versions.node}, onnxruntime-node ${ort.env.versions.node}`;
console.log(machine);
const versions: string[] = [];
const note = (line: string) => {
  if (versions.includes(line)) return;
  versions.push(line);
  console.log(line);
};

const [load] = os.loadavg();
if (load > BUSY_LOAD) note(`The machine is BUSY (load ${load.toFixed(1)}): ratios taken now will not hold.`);

const peers = new Peers(threads);
const inputs = await inputFolder();
const rows: Row[] = [];
const disagreements: string[] = [];
/** Prints a workload's rows, and writes all there are so far: a long run that is stopped leaves what it has. */
async function finish(made: readonly Row[]): Promise<void> {
  rows.push(...made);
  if (made.length > 0) console.log(`\n${printedTable(made)}`);
  if (values.json === undefined) return;
  const record: BenchRecord = { date: new Date().toISOString(), machine, versions, rounds, threads, rows };
  await writeWhole(values.json, toJson(record));
}
try {
  for (const workload of chosen) {
    for (const name of new Set(workload.entrants.map(({ peer }) => peer))) {
      if (name !== "alignreg") note(describePeer(name, await peers.get(name)));
    }
    const { rows: made, disagreement } = await compare(workload, {
      peers,
      inputs: await inputs.write(workload.inputs),
      rounds,
      note,
    });
    if (disagreement !== null) disagreements.push(disagreement);
    await finish(made);
  }
} finally {
  await peers.close();
  await inputs.remove();
}
if (withKept) await finish(await keptFeatures({ threads, note }));
if (withEpoch) await finish(await tfjsEpoch({ threads, tfjsImages, note }));
if (disagreements.length > 0) {
  throw new Error(
    `These cannot be compared, so their figures are left out:\n  ${disagreements.join("\n  ")}`,
  );
}
