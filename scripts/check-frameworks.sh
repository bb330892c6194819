#!/usr/bin/env bash
# PyTorch there and back by python/alignreg_export.py and the lines of docs/pytorch.md: with the PyTorch that is installed, and
# with today's in a virtual environment where PyPI can be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" tools/frameworks/odd_modules.py
npx tsx tools/frameworks/torch.ts --set version --python "$python"

if ! "$python" -m venv "$work/venv" || ! "$work/venv/bin/pip" download --quiet --no-deps --dest "$work" onnxscript==0.7.2; then
  echo "Skipped: today's PyTorch, as PyPI cannot be reached from here or venv is not installed."
  exit 0
fi
"$work/venv/bin/pip" install --quiet --no-cache-dir -r tools/frameworks/requirements-torch.txt
"$work/venv/bin/python" tools/frameworks/odd_modules.py
npx tsx tools/frameworks/torch.ts --set version --python "$work/venv/bin/python"
npx tsx tools/frameworks/torch.ts --python "$work/venv/bin/python" tv-resnet tv-vit
