#!/usr/bin/env bash
# Tests the NEON kernels of map-kernels and gallery: on aarch64, or by qemu-user where this machine is another.
set -euo pipefail
cd "$(dirname "$0")/.."

kernels() {
    LIBTORCH=/nonexistent cargo test --locked --lib -p map-kernels "$@"
    LIBTORCH=/nonexistent cargo test --locked --lib -p gallery "$@" -- kernel::
}

if [ "$(uname -m)" = aarch64 ]; then
    kernels
    exit
fi
target=aarch64-unknown-linux-gnu
missing=
# Without rustup nobody knows whether the standard library is there; the build says so.
command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$target" && missing+="rustup target add $target; "
command -v aarch64-linux-gnu-gcc >/dev/null || missing+="apt-get install gcc-aarch64-linux-gnu; "
command -v qemu-aarch64 >/dev/null || missing+="apt-get install qemu-user; "
if [ -n "$missing" ]; then
    echo "NOT RUN: the NEON kernels of map-kernels and gallery: ${missing%; }" >&2
    exit
fi
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
kernels --target "$target"
