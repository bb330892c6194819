#!/usr/bin/env bash
# PyTorch and Keras there and back. PyTorch by python/alignreg_export.py and the lines of docs/pytorch.md, with the PyTorch that
# is installed and, where PyPI can be reached, with today's in a virtual environment; Keras in another one. The latter two are
# gigabytes: CI takes what is installed, and who changes these roads runs it all.
#
#     scripts/check-frameworks.sh [installed|today|keras]     all by default
set -euo pipefail
cd "$(dirname "$0")/.."
python=$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A virtual environment $work/$1, if a small package $2 of the requirements can be fetched for it.
can_install() {
  local probe
  probe=$(grep "^$2==" "tools/frameworks/requirements-$1.txt") || exit 1
  "$python" -m venv "$work/$1" && "$work/$1/bin/pip" download --quiet --no-deps --dest "$work" "$probe"
}

install() {
  "$work/$1/bin/pip" install --quiet --no-cache-dir -r "tools/frameworks/requirements-$1.txt"
}

installed() {
  "$python" tools/frameworks/odd_modules.py
  npx tsx tools/frameworks/torch.ts --set version --python "$python"
}

today() {
  if ! can_install torch onnxscript; then
    echo "Skipped: today's PyTorch, as PyPI cannot be reached from here or venv is not installed."
    return
  fi
  install torch
  "$work/torch/bin/python" tools/frameworks/odd_modules.py
  npx tsx tools/frameworks/torch.ts --set version --python "$work/torch/bin/python"
  npx tsx tools/frameworks/torch.ts --python "$work/torch/bin/python" tv-resnet tv-vit
  # A model card's program in Python: with torchvision comes Pillow.
  CARD_PYTHON="$work/torch/bin/python" npx vitest run test/card-snippets.test.ts
}

keras() {
  if ! can_install keras keras; then
    echo "Skipped: Keras, as PyPI cannot be reached from here or venv is not installed."
    return
  fi
  install keras
  npx tsx tools/frameworks/keras.ts --python "$work/keras/bin/python" sequential residual frozen vit
  npx tsx tools/frameworks/keras-road.ts --python "$work/keras/bin/python"
}

case "${1:-all}" in
  installed) installed ;;
  today) today ;;
  keras) keras ;;
  all)
    installed
    today
    keras
    ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac
