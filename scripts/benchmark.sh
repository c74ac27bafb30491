#!/usr/bin/env bash
# From a fresh checkout to one table of docs/benchmarks.md: sets up, fetches the images, builds, trains and judges.
# What is already done is not done again.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
usage: scripts/benchmark.sh TABLE [--seeds N] [--out DIR]

Trains and judges the recipes of one table of docs/benchmarks.md, and prints it. An
interrupted run goes on, and what is finished is only read.

  omniglot   recipe `omniglot` on both minimal background sets, by the 400 official trials
  orl        recipes `orl-fast` and `orl-best` on four people-disjoint protocols of the AT&T faces
  signatures-made-up
             recipe `signatures`, and what there was before it, on writers who do not exist

  --seeds N  trainings that differ by their seed, for each row (default 3)
  --out DIR  folder of the trainings (default runs/benchmark)
END_OF_USAGE
}

case "${1:-}" in
    -h | --help) usage; exit 0 ;;
    omniglot) fetch() { python3 scripts/fetch_omniglot.py; } ;;
    orl) fetch() { python3 scripts/fetch_orl.py; } ;;
    signatures-made-up) fetch() { [ -d datasets/made_up_writers ] || python3 scripts/made_up_writers.py datasets/made_up_writers; } ;;
    *) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
scripts/setup.sh
fetch
cargo build --release --locked --package siamese-cli
target=$(cargo metadata --format-version 1 --no-deps --offline | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
exec python3 -B scripts/benchmark.py --siamese "$target/release/siamese" "$@"
