#!/usr/bin/env bash
# Trains the model for demonstrations again, and compares it with the one that is there.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/demo_model.sh [--replace]

Sets up, fetches the AT&T faces, builds, cross-validates assets/demo.toml on s1 to s30, trains
one model of these thirty people with the thresholds that the folds measured, and compares it
with assets/demo.safetensors by its SHA-256. On processors of another kind libtorch adds in another
order, so there the last digits differ, and with them the SHA-256.

  --replace   put the new model and its SHA-256 in the place of the old ones
END
}

replace=no
for argument in "$@"; do
    case "$argument" in
        -h | --help) usage; exit 0 ;;
        --replace) replace=yes ;;
        *) usage >&2; exit 2 ;;
    esac
done

cd "$(dirname "$0")/.."
scripts/setup.sh
python3 scripts/fetch_orl.py
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
{
    echo path,subject
    for subject in $(seq 30); do
        for image in $(seq 10); do
            echo "$PWD/datasets/orl_faces/s$subject/$image.pgm,s$subject"
        done
    done
} >"$run/staff.csv"
siamese() { cargo run --release --locked --quiet --package siamese-cli -- "$@"; }
siamese crossval assets/demo.toml --data "$run/staff.csv" --out "$run/folds" >/dev/null
siamese refit "$run/folds" --out "$run/demo.safetensors"
new=$(sha256sum <"$run/demo.safetensors")
old=$(sha256sum <assets/demo.safetensors)
if [ "$new" = "$old" ]; then
    echo "the same model as assets/demo.safetensors, byte by byte"
elif [ "$replace" = yes ]; then
    cp "$run/demo.safetensors" assets/demo.safetensors
    (cd assets && sha256sum demo.safetensors >demo.sha256)
    echo "assets/demo.safetensors and assets/demo.sha256 are new"
else
    echo "another model than assets/demo.safetensors: trained with other code, another libtorch or on another kind of processor; --replace takes it" >&2
    exit 1
fi
