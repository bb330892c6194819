#!/usr/bin/env bash
# Builds and packs the package, installs it in an empty folder and uses it there: the command, the library, its types.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
# Scripts do not run by themselves here (ignore-scripts), so packing does not build.
npm run --silent build
tarball=$(npm pack --silent --pack-destination "$work" | tail -n 1)
cd "$work"
npm init -y > /dev/null
npm pkg set type=module
npm install --silent --ignore-scripts "./$tarball" typescript@6.0.3 @types/node@20

npx alignreg --version
npx alignreg train --data mnist --limit 256 --epochs 1 --out run
npx alignreg evaluate run/model.onnx --data mnist --limit 100 --json scores.json
npx alignreg transforms rotation --out sheet.png
cat > tiny.yaml <<'YAML'
name: tiny
data: { name: mnist, train: 128, test: 64 }
families: [rotation]
methods: [base, rwa]
regularizers: [wasserstein]
YAML
npx alignreg study run tiny.yaml --out study
test -f node_modules/alignreg/studies/paper-mnist.yaml
test -f node_modules/alignreg/python/alignreg_export.py

cat > use.ts <<'TS'
import { type Scores, evaluate, fit, lenet, mnist, rotation, take } from "alignreg";
import { gradient } from "alignreg/autodiff";
import { readModel } from "alignreg/onnx";

const data = await mnist();
const { model } = await fit(lenet(), take(data.train, 256), { method: "rwa", transforms: rotation() });
const scores: Scores = await evaluate(model, take(data.test, 100), { transforms: rotation() });
if (scores.samples !== 100 || typeof gradient !== "function" || typeof readModel !== "function") process.exit(1);
TS
npx tsc --strict --module nodenext --target es2023 --skipLibCheck --types node use.ts
node use.js

# Without TensorFlow.js all of the above works; with it the other front door does.
npm install --silent --ignore-scripts @tensorflow/tfjs@4
cat > use-tfjs.ts <<'TS'
import * as tf from "@tensorflow/tfjs";
import { mnist, take } from "alignreg";
import { type FitResult, evaluate, fit } from "alignreg/tfjs";

const data = await mnist();
const layers = [tf.layers.flatten({ inputShape: [28, 28, 1] }), tf.layers.dense({ units: 10, activation: "softmax" })];
const model = tf.sequential({ layers });
const before = model.getWeights()[0].dataSync().slice();
const result: FitResult = await fit(model, take(data.train, 128));
const scores = await evaluate(model, take(data.test, 64));
const isTrained = model.getWeights()[0].dataSync().some((value, i) => value !== before[i]);
if (result.model !== model || !isTrained || scores.samples !== 64) process.exit(1);
TS
npx tsc --strict --module nodenext --target es2023 --skipLibCheck --types node use-tfjs.ts
node use-tfjs.js
echo "The package installs, runs and type-checks."
