#!/bin/sh
# Compiles planes.c with the clang of PyPI's ziglang 0.15.1 and writes src/augment/planes-wasm.ts. From the repository's root:
#   python3 -m venv venv && venv/bin/pip install ziglang==0.15.1 && PYTHON=venv/bin/python sh tools/wasm/planes.sh
set -eu
made=$(mktemp -d)
"$PYTHON" -m ziglang cc -target wasm32-freestanding -O2 -msimd128 -mnontrapping-fptoint -nostdlib -fno-builtin \
  -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=8192 tools/wasm/planes.c -o "$made/planes.wasm"
{
  echo '/** WebAssembly of tools/wasm/planes.c, by tools/wasm/planes.sh. */'
  echo 'const base64 = ['
  base64 -w 116 "$made/planes.wasm" | sed 's/.*/  "&",/'
  echo '].join("");'
  echo
  echo 'export const planesBytes = (): Uint8Array<ArrayBuffer> =>'
  echo '  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));'
} > src/augment/planes-wasm.ts
