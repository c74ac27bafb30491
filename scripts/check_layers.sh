#!/usr/bin/env bash
# Checks the layers of docs/architecture.md: who may depend on whom, what stays free of libtorch, and that no two
# folders of a crate import each other.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 -B scripts/layers.py

fail=0
# What these need must not be among the forbidden.
without() { # forbidden, what, kinds of dependencies, arguments of cargo tree
    local forbidden=$1 what=$2 edges=$3 tree found
    shift 3
    tree=$(cargo tree --locked --edges "$edges" --prefix none --format '{p}' "$@")
    found=$(cut -d ' ' -f 1 <<<"$tree" | sort -u | { grep -xE -- "$forbidden" || true; } | tr '\n' ' ')
    if [ -n "$found" ]; then
        echo "layering: $what must not depend on $found" >&2
        fail=1
    fi
}

all=normal,build,dev
libtorch='tch|torch-sys|siamese-libtorch|siamese-c10d|libtorch-cuda|siamese-model'
without "$libtorch" "a crate without libtorch" "$all" --all-features \
    -p pgm-io -p image-stack -p near-duplicates -p pairgen -p verification-figures -p recognition-baselines -p gallery -p map-kernels \
    -p siamese-net -p siamese-infer -p siamese-onnx -p siamese-report -p siamese-use -p siamese-serve
without "$libtorch" "siamese-lab without the feature train" "$all" -p siamese-lab --no-default-features
without "$libtorch" "the command without the feature train" "$all" -p siamese-cli --no-default-features
without 'ndarray|rayon|image|sha2' "the codec pgm-io" normal,build -p pgm-io --no-default-features
[ "$fail" = 0 ] && echo "layers: as docs/architecture.md draws them"
exit "$fail"
