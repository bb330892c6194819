#!/bin/sh
# Compiles planes.c and draws.c with the clang of PyPI's ziglang 0.15.1 into modules of src. From the repository's root:
#   python3 -m venv venv && venv/bin/pip install ziglang==0.15.1 && PYTHON=venv/bin/python sh tools/wasm/build.sh
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

compile() { # tools/wasm/$1.c into $2/$1-wasm.ts
  "$PYTHON" -m ziglang cc -target wasm32-freestanding -O2 -msimd128 -mnontrapping-fptoint -nostdlib -fno-builtin \
    -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=8192 "tools/wasm/$1.c" -o "$made/$1.wasm"
  {
    echo "/** WebAssembly of tools/wasm/$1.c, by tools/wasm/build.sh. */"
    echo 'const base64 = ['
    base64 -w 116 "$made/$1.wasm" | sed 's/.*/  "&",/'
    echo '].join("");'
    echo
    echo "export const $1Bytes = (): Uint8Array<ArrayBuffer> =>"
    echo '  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));'
  } > "$2/$1-wasm.ts"
}
compile planes src/augment
compile draws src/tensor
