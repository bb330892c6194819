#!/usr/bin/env bash
# PyTorch of four ages, each in a virtual environment below DIR: exports the nets of small_nets.py by alignreg_export.py and by
# the lines of docs/pytorch.md, trains them here, takes them home, and writes tools/frameworks/results/versions.json.
#
#     tools/frameworks/versions.sh DIR        needs python3.11, PyPI, and 20 GB there
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=$1
mkdir -p "$directory"
pythons=()

# What PyTorch's own exporter asks for: nothing in 1.13, onnx from 2.0 on, onnxscript from 2.9 on.
environment() {
  local at="$directory/torch-$1"
  if [ ! -e "$at/ready" ]; then
    python3.11 -m venv "$at"
    "$at/bin/pip" install --quiet --no-cache-dir "torch==$1" "${@:2}"
    touch "$at/ready"
  fi
  pythons+=(--python "$at/bin/python")
}
environment 1.13.1 numpy==1.26.4
environment 2.4.1 numpy==1.26.4 onnx==1.16.2
environment 2.9.1 numpy==2.4.6 onnxscript==0.7.2
environment 2.15.0 numpy==2.4.6 onnxscript==0.7.2

npx tsx tools/frameworks/torch.ts --set version "${pythons[@]}" --out tools/frameworks/results/versions.json
