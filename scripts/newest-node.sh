#!/usr/bin/env bash
# Puts the newest Node that the npm registry carries into DIR/bin: scripts/newest-node.sh DIR
set -euo pipefail
dir=$1
mkdir -p "$dir/bin" "$dir/package"
arch=$(node -p 'process.arch')
npm install --silent --no-save --ignore-scripts --prefix "$dir/package" "node-linux-$arch@latest"
ln -sf "$dir/package/node_modules/node-linux-$arch/bin/node" "$dir/bin/node"
"$dir/bin/node" --version
