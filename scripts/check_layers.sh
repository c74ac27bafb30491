#!/usr/bin/env bash
# Checks the layers of docs/architecture.md: who may depend on whom.
set -euo pipefail
cd "$(dirname "$0")/.."

fail=0
complain() {
    echo "layering: $*" >&2
    fail=1
}

# Every crate that a crate needs, to run, build and test.
needs() {
    cargo tree --locked --package "$1" --all-features --edges normal,build,dev --prefix none --format '{p}' |
        cut -d ' ' -f 1 | sort -u
}

low="pgm-io image-stack near-duplicates pairgen verification-figures recognition-baselines siamese-report"
# Which of these a crate may need besides itself.
may_need() {
    case "$1" in
        image-stack) echo "image-stack pgm-io" ;;
        near-duplicates) echo "near-duplicates image-stack pgm-io" ;;
        *) echo "$1" ;;
    esac
}
for crate in $low; do
    for other in tch torch-sys siamese-model siamese-cli $low; do
        if [[ " $(may_need "$crate") " != *" $other "* ]] && needs "$crate" | grep -qx -- "$other"; then
            complain "$crate must not depend on $other"
        fi
    done
done
for other in siamese-cli pgm-io image-stack near-duplicates verification-figures recognition-baselines; do
    if needs siamese-model | grep -qx -- "$other"; then
        complain "siamese-model must not depend on $other"
    fi
done
for manifest in crates/*/Cargo.toml; do
    if [ "$manifest" != crates/siamese-model/Cargo.toml ] && grep -qE '^(tch|torch-sys)\b' "$manifest"; then
        complain "$manifest names libtorch's bindings; only siamese-model may"
    fi
done
codec=$(cargo tree --locked --package pgm-io --no-default-features --edges normal --prefix none --format '{p}' | cut -d ' ' -f 1)
for other in image ndarray rayon sha2; do
    if grep -qx -- "$other" <<<"$codec"; then
        complain "pgm-io is a codec alone; it must not need $other"
    fi
done
[ "$fail" = 0 ] && echo "layers: as docs/architecture.md draws them"
exit "$fail"
