#!/usr/bin/env bash
# Sets up and runs every test. Safe to run twice, fast the second time.
#
# Tests that need images make them. Those on the real faces say so by name when the set cannot be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1-}" in
    "") ;;
    -h | --help)
        echo "usage: scripts/test.sh"
        echo "Sets up libtorch, fetches the AT&T faces where it can, and runs all tests."
        exit 0
        ;;
    *)
        echo "scripts/test.sh takes no arguments" >&2
        exit 2
        ;;
esac

scripts/setup.sh
if ! python3 scripts/fetch_orl.py; then
    echo "NOT RUN for want of the AT&T faces: the tests in crates/siamese-cli/tests/it/orl.rs" >&2
fi

echo "== crates that need no libtorch, with none to be found"
LIBTORCH=/nonexistent cargo test --locked -p pgm-io -p image-stack -p near-duplicates -p pairgen -p verification-figures -p recognition-baselines \
    -p siamese-report --features near-duplicates/files
LIBTORCH=/nonexistent cargo test --locked -p image-stack --no-default-features

echo "== crates on libtorch"
cargo test --locked -p siamese-model -p siamese-cli

echo "== scripts"
python3 -B -m unittest discover -s scripts/tests
