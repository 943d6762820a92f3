#!/usr/bin/env bash
# Draws the pictures of docs/autograd.md again, where the drawing has changed. Needs Graphviz
# (apt install graphviz).
#   tools/draw_graphs.sh [BUILD_DIR]    BUILD_DIR: a finished build (default build/auto)
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_where_asked "$@"

build=$(finished_build "${1:-$root/build/auto}") || exit 1
step "drawing the graphs" "build it first: tools/build.sh"
if ! command -v dot >/dev/null; then die "Graphviz is not installed" "apt-get install graphviz"; fi
for name in small network; do
  # So many dots an inch that the text is sharp on a dense screen.
  "$build/examples/autograd/autograd_draw_graphs" "$name" |
    dot -Tpng -Gdpi=144 -o "$root/docs/images/graph_$name.png"
  say "docs/images/graph_$name.png"
done
