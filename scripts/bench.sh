#!/usr/bin/env bash
# Measures the seed recipe on this machine: time to read and pair, time of an epoch by threads, peak memory.
# docs/performance.md says what the figures were compared with, and how.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/bench.sh [--epochs N] [--functions]

Builds in release and measures whole runs of `siamese train seed` on the AT&T faces with
1, 2 and (where there are so many cores) 4 threads. Prints medians.

  --epochs N    epochs of each run (default 5)
  --functions   also run the benchmarks of single functions (cargo bench), minutes long
END
}

epochs=5
functions=no
while [ $# -gt 0 ]; do
    case "$1" in
        --epochs) epochs=${2:?--epochs needs a number}; shift ;;
        --functions) functions=yes ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

cd "$(dirname "$0")/.."
scripts/setup.sh
python3 scripts/fetch_orl.py
cargo build --release --locked --package siamese-cli
target=$(cargo metadata --format-version 1 --no-deps --offline | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

echo "machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg)"
for threads in 1 2 4; do
    [ "$threads" -le "$(nproc)" ] || continue
    python3 - "$target/release/siamese" "$threads" "$epochs" "$out/$threads" <<'END'
import json, os, re, statistics, subprocess, sys, time

program, threads, epochs, out = sys.argv[1:]
start = time.monotonic()
child = subprocess.Popen([program, "train", "seed", "--data", "datasets/orl_faces", "--set", f"train.epochs={epochs}", "--threads", threads, "--out", out],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
said = child.stderr.read()
_, status, usage = os.wait4(child.pid, 0)
if status:
    sys.exit(said)
seconds = [json.loads(line)["seconds"] for line in open(f"{out}/history.jsonl")]
read = re.search(r"read in (\S+ ms)", said)[1]
print(f"{threads} threads: epoch {statistics.median(seconds):.2f} s (median of {len(seconds)}), "
      f"reading and pairing {read}, whole run {time.monotonic() - start:.1f} s, "
      f"peak memory {usage.ru_maxrss / 1024:.0f} MiB")
END
done
if [ "$functions" = yes ]; then
    cargo bench --locked --workspace
fi
