#!/usr/bin/env bash
# A stranger's package of plug-ins, one of each kind, outside this repository, as check-package.sh installs it beside alignreg: from
# TypeScript, the command line and a study. Run in a folder where alignreg and TypeScript are installed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
here=$PWD
stranger=$(mktemp -d)
trap 'rm -rf "$stranger"' EXIT

# The examples, as their comments say: with the package in the place of the sources.
mkdir "$stranger/src"
for file in "$root"/examples/plug-ins/*.ts; do
  sed 's#"../../src/index.ts"; // for you: from "alignreg"#"alignreg";#' "$file" > "$stranger/src/$(basename "$file")"
done
if grep -rn "src/index" "$stranger/src"; then exit 1; fi
cat > "$stranger/package.json" <<'JSON'
{
  "name": "strange-plug-ins",
  "version": "1.0.0",
  "type": "module",
  "files": ["dist"],
  "exports": { "./*": { "types": "./dist/*.d.ts", "default": "./dist/*.js" } },
  "peerDependencies": { "alignreg": "*" }
}
JSON
ln -s "$here/node_modules" "$stranger/node_modules"
options='"module": "node16", "strict": true, "target": "es2022", "lib": ["es2022", "dom"], "types": []'
echo "{ \"compilerOptions\": { $options, \"declaration\": true, \"rootDir\": \"src\", \"outDir\": \"dist\" }, \"include\": [\"src\"] }" \
  > "$stranger/tsconfig.json"
"$here/node_modules/.bin/tsc" -p "$stranger"
rm "$stranger/node_modules"
npm install --silent --ignore-scripts --legacy-peer-deps "$stranger/$(cd "$stranger" && npm pack --silent | tail -n 1)"
test ! -L node_modules/strange-plug-ins

echo "Its plug-ins from TypeScript, and as alignreg/testing asks."
cat > plug-ins.ts <<'TS'
import { fit, lenet, mnist, take } from "alignreg";
import * as testing from "alignreg/testing";
import capped from "strange-plug-ins/capped";
import huber from "strange-plug-ins/huber";
import signum from "strange-plug-ins/signum";
import solarize from "strange-plug-ins/solarize";
import straightThrough from "strange-plug-ins/straight-through";
import viewsOnly from "strange-plug-ins/views-only";

await testing.checkFamily(solarize(), { throws: true });
await testing.checkRegularizer(huber({ delta: 2 }), { throws: true });
await testing.checkMethod(viewsOnly, { throws: true });
await testing.checkLoss(capped(), { throws: true });
await testing.checkOptimizer(signum(), { throws: true });
await testing.checkGradient(straightThrough, { throws: true, isSurrogate: true });
const { manifest } = await fit(lenet(), take((await mnist()).train, 128), {
  method: viewsOnly,
  regularizer: huber({ delta: 2 }),
  loss: capped({ most: 4 }),
  optimizer: signum(),
  gradients: [straightThrough],
  transforms: solarize({ thresholds: [0.5] }),
  epochs: 1,
});
console.log(JSON.stringify(manifest.config));
TS
echo "{ \"compilerOptions\": { $options, \"outDir\": \"plug-ins-out\" }, \"files\": [\"plug-ins.ts\"] }" > plug-ins.json
npx tsc -p plug-ins.json
node plug-ins-out/plug-ins.js | grep -F '"name":"views-only"' > /dev/null

at=./node_modules/strange-plug-ins/dist
echo "From the command line."
npx alignreg train --data mnist --limit 64 --epochs 1 --out plug-ins-run --transforms "$at/solarize.js:thresholds=0.5" \
  --method "$at/views-only.js" --regularizer "$at/huber.js:delta=2" --loss "$at/capped.js:most=4" \
  --optimizer "$at/signum.js:beta=0.8" --gradients "$at/straight-through.js"

echo "From a study."
cat > plug-ins.yaml <<YAML
name: plug-ins
data: { name: mnist, train: 64, test: 32 }
epochs: 1
families: [{ $at/solarize.js: { thresholds: [0.5] } }]
methods: [base, $at/views-only.js]
regularizers: [squaredL2, { $at/huber.js: { delta: 2 } }]
loss: "$at/capped.js:most=4"
optimizer: { name: "$at/signum.js:beta=0.8" }
gradients: [$at/straight-through.js]
YAML
npx alignreg study run plug-ins.yaml --out plug-ins-study
for run in plug-ins-run/manifest.json plug-ins-study/cells/*/manifest.json; do
  grep -F '"signum.js"' "$run" > /dev/null
done
grep -F "views-only-huber" plug-ins-study/results.json > /dev/null
for kind in solarize views-only huber capped signum straight-through; do
  grep -F "$kind.js" plug-ins-study/contents.json > /dev/null
done
echo "A stranger's plug-ins work from every door."
