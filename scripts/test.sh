#!/usr/bin/env bash
# Sets up and runs every test but slow ones, and with --all these too. Safe to run twice, fast the second time.
#
# Tests that need images make them. Those on the real faces say so by name when the set cannot be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1-}" in
    "") ;;
    --all) export SIAMESE_SLOW_TESTS=yes ;;
    -h | --help)
        echo "usage: scripts/test.sh [--all]"
        echo "Sets up libtorch, fetches the AT&T faces where it can, and runs all tests;"
        echo "with --all also the server's page in a browser, the server behind proxies, and kernels for ARM."
        exit 0
        ;;
    *)
        echo "scripts/test.sh takes --all alone" >&2
        exit 2
        ;;
esac

scripts/setup.sh
if ! python3 scripts/fetch_orl.py; then
    echo "NOT RUN for want of the AT&T faces: crates/siamese-cli/tests/it/orl.rs, scripts/tests/test_onnx.py" >&2
fi

# Tests write many small files and wait until each is on the disk: a RAM disk does not keep them waiting.
if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 1000000 ]; then
    TMPDIR=$(mktemp -d /dev/shm/siamese-tests-XXXXXX)
    export TMPDIR
    # For the database server, which root runs as another user.
    chmod go+x "$TMPDIR"
    made=$TMPDIR
    trap 'rm -rf "$made"' EXIT
fi

# Where there is no server to be had, each test that needs one says so by name.
if [ -z "${GALLERY_TEST_POSTGRES-}" ]; then
    programs=$(mktemp -d)
    chmod go+x "$programs"
    trap 'rm -rf "$programs" ${made-}' EXIT
    if GALLERY_TEST_POSTGRES=$(python3 -B scripts/tests/postgres.py "$programs") && "$GALLERY_TEST_POSTGRES/postgres" --version; then
        export GALLERY_TEST_POSTGRES
    else
        unset GALLERY_TEST_POSTGRES
    fi
fi

echo "== without libtorch, with none to be found"
# One call, so that what these have in common is built once.
LIBTORCH=/nonexistent cargo test --locked --no-default-features \
    -p pgm-io -p image-stack -p near-duplicates -p pairgen -p verification-figures -p recognition-baselines -p gallery -p map-kernels \
    -p onnx-backbone -p siamese-net -p siamese-infer -p siamese-onnx -p siamese-report -p siamese-use -p siamese-serve -p siamese-lab -p siamese-cli \
    --features image-stack/formats,near-duplicates/files,verification-figures/serde,siamese-net/images,siamese-infer/images,onnx-backbone/encoder,siamese-infer/onnx,siamese-lab/onnx,siamese-cli/onnx,gallery/postgres,siamese-cli/postgres
LIBTORCH=/nonexistent cargo test --locked --no-default-features --lib --tests -p image-stack

echo "== on libtorch"
cargo test --locked -p siamese-libtorch -p libtorch-cuda -p siamese-c10d -p siamese-model -p siamese-lab -p siamese-cli \
    --features siamese-lab/train,siamese-lab/onnx,siamese-model/images,siamese-model/onnx,siamese-cli/postgres,siamese-cli/distributed

echo "== scripts"
python3 -B -m unittest discover -s scripts/tests

if [ -n "${SIAMESE_SLOW_TESTS-}" ]; then
    echo "== kernels for ARM"
    scripts/test_neon.sh
fi
