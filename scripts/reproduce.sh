#!/usr/bin/env bash
# From a fresh checkout to the classic recipe trained, judged and drawn: sets up, fetches the faces, builds, trains,
# prints one table beside the published figures. What is already done is not done again.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/reproduce.sh [--quick] [--seeds N] [--device DEVICE] [--jobs N] [--out DIR]

Sets up libtorch, fetches the AT&T faces, builds, trains the classic recipe both ways
it can be read, judges it on people it knows and on people it never saw, and prints
one table. Everything also lands in a folder, runs/reproduce unless --out names another.
Every step may be repeated and is quick the second time; an interrupted run goes on.

  --quick          two epochs of one seed, to see that everything works
  --seeds N        seeds of each reading (default 3)
  --device DEVICE  auto, cpu, cuda or cuda:N (default auto)
  --jobs N         trainings side by side
  --out DIR        folder of the runs and the report
END
}

own_out=no
for argument in "$@"; do
    case "$argument" in
        -h | --help) usage; exit 0 ;;
        --out | --out=*) own_out=yes ;;
    esac
done

here=$(pwd)
cd "$(dirname "$0")/.."
scripts/setup.sh
python3 scripts/fetch_orl.py
cargo build --release --locked --package siamese-cli
target=$(cargo metadata --format-version 1 --no-deps --offline | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
root=$(pwd)
if [ "$own_out" = no ]; then
    set -- --out "$root/runs/reproduce" "$@"
fi
cd "$here"
exec "$target/release/siamese" reproduce --data "$root/datasets/orl_faces" "$@"
