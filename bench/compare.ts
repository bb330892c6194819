/** Times a workload's entrants in turn, and checks that they do the same work. */
import type { Block, Request } from "./job.ts";
import { type Peers, describePeer } from "./peers.ts";
import type { Row } from "./record.ts";
import { median } from "./statistics.ts";
import type { Entrant, Workload } from "./workloads.ts";

/** Lets the last block's spinning threads fall asleep. */
const PAUSE_MS = 300;

interface Measured {
  readonly entrant: Entrant;
  readonly values: number[];
  check: Block["check"];
}

/**
 * Blocks of the entrants in turn, A B C A B C …, so that a machine that speeds up or slows down does so for all.
 *
 * @param inputs  the file that all start from
 * @param note    told of an entrant that cannot take part
 * @returns a row for each entrant that took part, ourselves first; none when they disagree, and how
 */
export async function compare(
  workload: Workload,
  {
    peers,
    inputs,
    rounds,
    note,
  }: { peers: Peers; inputs: string; rounds: number; note: (line: string) => void },
): Promise<{ rows: Row[]; disagreement: string | null }> {
  const measured: Measured[] = [];
  for (const entrant of workload.entrants) {
    const peer = await peers.get(entrant.peer);
    if ("unavailable" in peer) {
      if (entrant.peer === "alignreg") throw new Error(`Nothing can be compared: ${peer.unavailable}.`);
      note(describePeer(entrant.peer, peer));
    } else measured.push({ entrant, values: [], check: {} });
  }
  const left = new Set<Measured>();
  for (let round = 0; round < Math.min(rounds, workload.mostRounds ?? rounds); round++) {
    for (const one of measured) {
      const { stepsInAll } = one.entrant;
      if (left.has(one) || (stepsInAll !== undefined && round > 0)) continue;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const block = await runBlock(peers, workload, one.entrant, inputs);
      if ("error" in block) {
        note(`${one.entrant.name}: skipped, ${block.error}.`);
        left.add(one);
        continue;
      }
      one.values.push(...(workload.unit === "MiB" ? megabytes(block, note) : block.ms));
      one.check = block.check;
    }
  }
  const complete = measured.filter(({ values }) => values.length > 0);
  const disagreement = disagreementOf(workload, complete);
  const rows = disagreement === null && complete.length > 0 ? rowsOf(workload, complete) : [];
  return { rows, disagreement };
}

async function runBlock(peers: Peers, workload: Workload, entrant: Entrant, inputs: string) {
  const { work, model, width, method, degrees } = workload.inputs;
  const request: Request = {
    job: { work, model, width, method, degrees, way: entrant.way ?? "careful", inputs },
    warmUp: entrant.stepsInAll === undefined ? workload.warmUp : 0,
    steps: entrant.stepsInAll ?? workload.steps,
  };
  if (workload.unit === "ms") {
    const peer = await peers.get(entrant.peer);
    return "unavailable" in peer ? { error: peer.unavailable } : peer.run(request);
  }
  // The high-water mark is of a whole process: each measurement has one of its own.
  const peer = await peers.fresh(entrant.peer);
  if ("unavailable" in peer) return { error: peer.unavailable };
  const block = await peer.run(request);
  await peer.close();
  return block;
}

function megabytes({ peakMegabytes }: Block, note: (line: string) => void): number[] {
  if (peakMegabytes !== null) return [peakMegabytes];
  note("Peak memory: skipped, this system has no /proc/self/status.");
  return [];
}

/** How entrants disagree, or whose training does not lower the loss; null where they can be compared. */
function disagreementOf({ name, tolerance = 1e-3 }: Workload, measured: readonly Measured[]): string | null {
  const [ours, ...others] = measured;
  for (const { entrant, check } of measured) {
    if ("last" in check && !(check.last < check.first)) {
      return `${name}: the loss of "${entrant.name}" does not fall (${check.first} to ${check.last}).`;
    }
  }
  for (const { entrant, check } of others) {
    if (entrant.isOtherObjective) continue;
    for (const [key, value] of Object.entries(ours.check)) {
      // Losses drift apart as training goes on. The second tells of the gradient and the update already.
      if (key === "last") continue;
      if (!(Math.abs(check[key] - value) <= tolerance * Math.max(Math.abs(value), 1e-3))) {
        return `${name}: "${entrant.name}" computes something else: its ${key} is ${check[key]}, ours ${value}.`;
      }
    }
  }
  return null;
}

function rowsOf({ name, unit, growth }: Workload, measured: readonly Measured[]): Row[] {
  const own = median(measured[0].values);
  return measured.map(({ entrant, values, check }, i) => ({
    workload: name,
    contender: entrant.name,
    unit,
    median: median(values),
    min: Math.min(...values),
    n: values.length,
    ratio: i === 0 ? null : median(values) / own,
    check,
    growth: growth ?? null,
  }));
}
