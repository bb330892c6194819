/** Our own side, in a process of its own as every peer: `node --import tsx bench/peers/alignreg.ts --threads N`. */
import { parseArgs } from "node:util";
import { evaluationTask } from "../tasks/evaluation.ts";
import { rotationsTask } from "../tasks/rotations.ts";
import { selectionTask } from "../tasks/selection.ts";
import { stepTask } from "../tasks/step.ts";
import { serve } from "./serve.ts";

const { values } = parseArgs({ options: { threads: { type: "string", default: "2" } } });
const threads = Number(values.threads);
const tasks = { step: stepTask, select: selectionTask, rotate: rotationsTask, evaluate: evaluationTask };
await serve({ versions: "alignreg" }, (job, tensors) => tasks[job.work](job, tensors, threads));
