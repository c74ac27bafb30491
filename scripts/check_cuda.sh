#!/usr/bin/env bash
# Checks training on a CUDA machine, and measures it.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/check_cuda.sh [--binary FILE] [--device DEVICE] [--out FILE] [--quick]

Computes every layer, loss, augmentation, normalisation and optimizer on the CPU and on the GPU; interrupts
a training and goes on with it; measures the throughput of three recipes on made-up images, and how busy
the GPU is meanwhile. Needs python3 and nothing else, with --binary not even a Rust toolchain.

  --binary FILE    a siamese that was built elsewhere, with the feature train (default: it is built here)
  --device DEVICE  cuda, cuda:N or cpu (default cuda)
  --out FILE       where the JSON goes that belongs to a report (default cuda-check.json)
  --quick          a few steps of each recipe: whether it runs, not how fast
END
}

binary=
arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        --binary) binary=$(realpath -- "${2:?--binary needs a file}"); shift ;;
        --device | --out) arguments+=("$1" "${2:?$1 needs a value}"); shift ;;
        --quick) arguments+=("$1") ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")" && pwd)
if [ -z "$binary" ]; then
    "$here/setup.sh"
    (cd "$here/.." && cargo build --release --locked -p siamese-cli)
    target=$(cd "$here/.." && cargo metadata --format-version 1 --no-deps --offline | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
    binary=$target/release/siamese
fi
exec python3 -B "$here/check_cuda.py" "$binary" "${arguments[@]}"
