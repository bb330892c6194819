/**
 * The round trip with the PyTorch that is installed here, at full widths: PyTorch exports each classifier, one `rwa` step
 * trains it, and PyTorch loads the weights by the documented lines and compares. `npx tsx scripts/check-pytorch.ts [DIR]`
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saveClassifier, saveWeights } from "../src/index.ts";
import { imagesAt } from "../src/data/index.ts";
import { normalizeImages } from "../src/models/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { fitOneStep, normalization, readPytorchCase, stepErrors } from "../test/pytorch-case.ts";

// Debian's own Python comes first: it is the one that has Debian's python3-torch.
const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
const tool = join(import.meta.dirname, "..", "tools", "pytorch");

function pytorch(...args: string[]): void {
  const { status, error } = spawnSync(python, [tool, ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error(`python3 tools/pytorch ${args[0]} failed: ${error?.message ?? status}`);
}

const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), "alignreg-pytorch-")));
try {
  pytorch("export", folder);
  for (const name of readdirSync(folder).sort()) {
    const at = (file: string) => join(folder, name, file);
    const c = readPytorchCase(name, at("model.onnx"), at("step.onnx"));
    const result = await fitOneStep(c);
    const { weight, change, where } = stepErrors(c, result);
    const verdict = weight < 1e-4 ? "holds" : "FAILS";
    if (verdict === "FAILS") process.exitCode = 1;
    console.log(
      `${verdict}: ${name}: weights after a step ${weight.toExponential(1)} (1e-4), their change ` +
        `${change.toExponential(1)} at ${where}`,
    );
    await saveClassifier(result.model, at("trained.onnx"));
    await saveWeights(result.model, at("weights.safetensors"));
    const session = await openClassifier(result.model.graph);
    const images = imagesAt(c.data, Uint32Array.from(c.data.labels.keys()));
    writeFileSync(at("logits.bin"), await session.predict(normalizeImages(images, normalization)));
    await session.release();
  }
  pytorch("verify", folder);
} finally {
  if (process.argv[2] === undefined) await rm(folder, { recursive: true });
}
