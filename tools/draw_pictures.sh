#!/usr/bin/env bash
# Draws the pictures of docs/reporting.md again: ten epochs on 2,000 of the built-in drawings, on
# the CPU.
#   tools/draw_pictures.sh [BUILD_DIR]    BUILD_DIR: a finished build (default build/auto)
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

build=$(finished_build "${1:-$root/build/auto}") || exit 1
step "drawing the pictures" "build it first: tools/build.sh"
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
"$build/examples/cifar10/cifar10_train" --data synthetic --synthetic-size 2000 --epochs 10 --device cpu \
  --out "$run" --log-dir "$run/logs"
for name in confusion_matrix curves filters predictions; do
  cp "$run/$name.png" "$root/docs/images/$name.png"
  say "docs/images/$name.png"
done
