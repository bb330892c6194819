#!/usr/bin/env bash
# Packs the package, installs it by the README's own line where nothing but the npm registry can be reached, and uses it as its
# users do: the command, the library, its types, a browser's bundle, and the code blocks of the docs. On Node 20 all of it, on
# 22 and 24 the install, the command and the library.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tsx="$root/node_modules/.bin/tsx"
registry_only() { "$tsx" "$root/scripts/registry-only.ts" "$@"; }

cd "$root"
tarball="$work/$(npm pack --silent --pack-destination "$work" | tail -n 1)"
line=$(grep -m 1 -E '^npm install .*alignreg$' README.md)
install="${line% alignreg} $tarball"
echo "README: $line"

echo "What is packed has its build, and nothing of this machine."
tar -xzf "$tarball" -C "$work"
for path in dist/index.js dist/index.d.ts dist/index.d.ts.map src/index.ts studies/paper-mnist.yaml python/alignreg_export.py; do
  test -f "$work/package/$path"
done
if find "$work/package" -name '*.test.*' | grep . || grep -rlF "$root/" "$work/package"; then exit 1; fi
(cd "$work/package" && node -e '
  const { readdirSync, readFileSync, existsSync } = require("fs");
  const { dirname, join } = require("path");
  const maps = readdirSync(".", { recursive: true }).filter((name) => name.endsWith(".map"));
  const lost = maps.filter((map) => !JSON.parse(readFileSync(map, "utf8")).sources.every((s) => existsSync(join(dirname(map), s))));
  if (maps.length < 100 || lost.length > 0) throw new Error(`source maps without sources: ${lost}`);
')

# An empty folder with the package, by the README's line.
new_folder() {
  mkdir -p "$1"
  cd "$1"
  npm init -y > /dev/null
  npm pkg set type=module
  registry_only $install --silent
}

# What --backbone says where its package is absent, and where it is installed from its own tarball.
use_backbone() {
  if npx alignreg inspect efficientnet-lite0 2> said.txt; then exit 1; fi
  grep -F "Install it: npm install --ignore-scripts @alignreg/backbone-efficientnet-lite0" said.txt
  npm install --silent --ignore-scripts "$work/$(npm pack --silent --pack-destination "$work" "$root/packages/backbone-efficientnet-lite0" | tail -n 1)"
  npx alignreg inspect efficientnet-lite0 | grep -F 'features "features" [N, 1280]'
  from_photographs
}

# The README's way from a folder of photographs to a classifier in an app.
from_photographs() {
  cat > photographs.mjs <<'JS'
import { mkdirSync } from "node:fs";
import sharp from "sharp";
for (const [i, name] of ["red rose", "blue violet"].entries()) {
  mkdirSync(`photos/${name}`, { recursive: true });
  for (let n = 0; n < 20; n++) {
    const background = i === 0 ? { r: 150 + 5 * n, g: 3 * n, b: 20 } : { r: 20, g: 3 * n, b: 150 + 5 * n };
    await sharp({ create: { width: 300 + n, height: 240, channels: 3, background } }).jpeg().toFile(`photos/${name}/${n}.jpg`);
  }
}
JS
  node photographs.mjs
  npx alignreg train --data photos --backbone efficientnet-lite0 --transforms rotation:-15,15 --validation 0.2 --test 0.2 \
    --epochs 10 --out flowers
  npx alignreg evaluate flowers --data photos --transforms rotation:-15,15 --json flowers.json --html flowers.html
  node -e 'if (JSON.parse(require("fs").readFileSync("flowers.json")).robustAccuracy.value < 0.9) process.exit(1)'
  npx alignreg predict flowers photos/*/1.jpg --csv - | grep -F "blue violet"
  npx alignreg export flowers --to teachable-machine --out flowers.zip
  npx alignreg export flowers --to tfjs --out flowers-tfjs
  npx alignreg evaluate flowers-tfjs --data photos --transforms rotation:-15,15
  test -s flowers.zip
}

use_it() {
  npx alignreg --version
  npx alignreg train --data mnist --limit 256 --epochs 1 --out run
  npx alignreg evaluate run/model.onnx --data mnist --limit 100 --json scores.json
  npx alignreg inspect run/model.onnx > /dev/null
  npx alignreg transforms rotation --out sheet.png
  cat > use.mjs <<'JS'
import { evaluate, fit, lenet, mnist, rotation, take } from "alignreg";
const data = await mnist();
const { model } = await fit(lenet(), take(data.train, 256), { method: "rwa", transforms: rotation() });
const scores = await evaluate(model, take(data.test, 100), { transforms: rotation() });
if (scores.samples !== 100) process.exit(1);
JS
  node use.mjs
  echo 'if (typeof require("alignreg").fit !== "function") process.exit(1);' > use.cjs
  node --no-warnings use.cjs
}

for major in 22 24; do
  npm install --silent --no-save --ignore-scripts --prefix "$work/node$major" "node-linux-$(node -p process.arch)@$major"
  (
    PATH="$work/node$major/node_modules/node-linux-$(node -p process.arch)/bin:$PATH"
    echo "== Node $(node --version)"
    new_folder "$work/on$major"
    use_it
  )
done

echo "== Node $(node --version)"
new_folder "$work/on20"
use_it
use_backbone
cat > tiny.yaml <<'YAML'
name: tiny
data: { name: mnist, train: 128, test: 64 }
families: [rotation]
methods: [base, rwa]
regularizers: [wasserstein]
YAML
npx alignreg study run tiny.yaml --out study

echo "Types, without skipLibCheck and without @types/node."
npm install --silent --ignore-scripts typescript@6.0.3
cat > use.ts <<'TS'
import { type Scores, evaluate, fit, lenet, mnist, rotation, take } from "alignreg";
import { exportStep } from "alignreg/browser";
import { gradient } from "alignreg/autodiff";
import { readModel } from "alignreg/onnx";

const data = await mnist();
const { model } = await fit(lenet(), take(data.train, 256), { method: "rwa", transforms: rotation() });
export const scores: Scores = await evaluate(model, take(data.test, 100), { transforms: rotation() });
export const parts = [gradient, readModel, exportStep];
TS
for module in '"module": "node16"' '"module": "esnext", "moduleResolution": "bundler"'; do
  options="$module, \"strict\": true, \"noEmit\": true, \"target\": \"es2022\", \"lib\": [\"es2022\", \"dom\"], \"types\": []"
  echo "{ \"compilerOptions\": { $options }, \"files\": [\"use.ts\"] }" > types.json
  npx tsc -p types.json
done

"$root/scripts/check-plug-ins.sh"

echo "A browser's bundle."
npm install --silent --ignore-scripts esbuild@0.28
echo 'import { exportStep, lenet } from "alignreg/browser"; console.log(exportStep(lenet()).images);' > page.js
npx esbuild page.js --bundle --platform=browser --format=esm --outfile=page.bundle.mjs --log-level=warning
node page.bundle.mjs

echo "Without optional dependencies, so without sharp's binary."
mkdir -p "$work/lean" && cd "$work/lean" && npm init -y > /dev/null
$install --silent --omit=optional
npx alignreg --version
npx alignreg train --data mnist --limit 64 --epochs 1 --out run > /dev/null

echo "The tutorial, from its first line to its last."
"$tsx" "$root/scripts/check-tutorial.ts" "$work/tutorial" "alignreg=$tarball" \
  "@alignreg/backbone-efficientnet-lite0=$(echo "$work"/alignreg-backbone-efficientnet-lite0-*.tgz)"

echo "The code blocks of README and docs, with few digits."
cd "$work/on20"
npm install --silent --ignore-scripts @tensorflow/tfjs@4 @types/node@20
node "$root/scripts/small-mnist.mjs" .
"$tsx" "$root/scripts/docs-blocks.ts" .
echo "The package installs, runs and type-checks, and its docs' code runs."
