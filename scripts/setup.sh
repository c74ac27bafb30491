#!/usr/bin/env bash
# Makes plain `cargo build`, `cargo test` and `cargo run` work in this checkout:
# finds or installs libtorch and tells cargo where it is. See `setup.sh --help`.
set -Eeuo pipefail

readonly VERSION=2.13.0
readonly OLDEST_CUDA_DRIVER=580 # what CUDA 13.0 needs
readonly BEGIN_MARK='# >>> written by scripts/setup.sh, which replaces these lines'
readonly END_MARK='# <<< scripts/setup.sh'

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here root=${here%/*}
readonly wheels=$here/libtorch.tsv
readonly config=$root/.cargo/config.toml
cache=${SIAMESE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/siamese}
if [[ $cache != /* ]]; then cache=$PWD/$cache; fi
readonly cache

say() { printf '%s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    warn "$*"
    exit 1
}

# Every foreseen failure has its own sentence; this one is for the others.
unforeseen() { warn "stopped at line $1, where this failed: ${2%%$'\n'*}"; }
trap 'unforeseen "$LINENO" "$BASH_COMMAND"' ERR

# shellcheck source-path=SCRIPTDIR source=install_libtorch.sh
. "$here/install_libtorch.sh"

usage() {
    cat <<HELP
usage: scripts/setup.sh [--cpu | --cuda] [--print-libtorch]

Finds libtorch $VERSION and writes its place into .cargo/config.toml, so that cargo
works in this checkout with nothing exported. The first that applies is taken:

  1. \$LIBTORCH, when it is set: a libtorch $VERSION of your own, checked;
  2. such a folder from an earlier run, when no flag asks for another;
  3. the cache ($cache),
     filled once from the Python package index: the CPU set ($(download_mb cpu) MB to download,
     $INSTALLED_CPU_MB MB installed), or with a new NVIDIA driver the CUDA set ($(download_mb cuda) MB, $INSTALLED_CUDA_MB MB).

  --cpu             take the CPU set, whatever the machine has
  --cuda            take the CUDA set, even where there is no NVIDIA driver
  --print-libtorch  print the folder that is or would be used without installing,
                    and nothing else; exit 1 when there is none yet
  -h, --help        this text

Without a flag, the CUDA set is taken where there is an NVIDIA driver of version
$OLDEST_CUDA_DRIVER or newer, which CUDA 13.0 needs.

Systems: Linux with glibc 2.28 or newer. It is tested on x86-64. For aarch64 the same
libraries are pinned, and nobody has tested them. macOS and Windows are not supported.

Environment: LIBTORCH, SIAMESE_CACHE (default \${XDG_CACHE_HOME:-~/.cache}/siamese), CXX,
and pip's own settings (PIP_INDEX_URL, PIP_CERT, ...).
Exit codes: 0 ready, 1 something is missing (said in one sentence), 2 wrong usage.
HELP
}

# --- what is where ---------------------------------------------------------------------

# Prints the version of the libtorch in folder $1, or nothing.
libtorch_version() {
    local text
    if [[ -r $1/build-version ]]; then
        read -r text <"$1/build-version" || true
        printf '%s' "${text%%+*}"
    elif [[ -r $1/version.py ]]; then
        sed -n "s/^__version__ *= *['\"]\([0-9.]*\).*/\1/p" "$1/version.py"
    else
        { cat "$1"/include/torch/headeronly/version.h \
            "$1"/include/torch/csrc/api/include/torch/version.h 2>/dev/null || true; } |
            awk '$2 ~ /^TORCH_VERSION_(MAJOR|MINOR|PATCH)$/ && !($2 in seen) {
                     seen[$2]; version = version dot $3; dot = "." } END { printf "%s", version }'
    fi
}

# Prints why folder $1 is not a usable libtorch, or nothing when it is.
fault_of_libtorch() {
    local found missing
    if [[ ! -d $1 ]]; then
        say "there is no such folder"
    elif [[ ! -e $1/lib/libtorch_cpu.so ]]; then
        say "it has no lib/libtorch_cpu.so"
    elif [[ ! -d $1/include/torch ]]; then
        say "it has no include/torch (the C++ headers)"
    elif found=$(libtorch_version "$1"); [[ -z $found ]]; then
        say "its version cannot be told (no build-version, version.py or version.h)"
    elif [[ $found != "$VERSION" ]]; then
        say "it is version $found, and this project needs $VERSION"
    elif missing=$({ ldd "$1/lib/libtorch_cpu.so" 2>/dev/null || true; } | awk '/not found/ && !n++ { print $1 }')
        [[ -n $missing ]]; then
        say "its libtorch_cpu.so needs $missing, which is not found beside it"
    fi
}

has_nvidia_driver() {
    [[ -e /proc/driver/nvidia/version ]] ||
        { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }
}

# The driver's major version, or nothing when it cannot be told.
nvidia_driver_major() {
    if [[ -r /proc/driver/nvidia/version ]]; then
        sed -n '1s/.*[[:space:]]\([0-9]\{3,\}\)\.[0-9][0-9.]*[[:space:]].*/\1/p' /proc/driver/nvidia/version
    else
        { nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null || true; } | sed -n '1s/\..*//p'
    fi
}

# Succeeds where CUDA 13.0 cannot run on the driver, as far as its version can be told; sets driver to it.
driver_is_too_old() {
    driver=$(nvidia_driver_major)
    [[ -n $driver ]] && ((driver < OLDEST_CUDA_DRIVER))
}

# Sets set to what this machine can use: nobody downloads the CUDA set for nothing.
choose_set() {
    set=cpu
    has_nvidia_driver || return 0
    if driver_is_too_old && ! is_whole "$(cache_folder cuda)" cuda; then
        ((print_only)) ||
            warn "the NVIDIA driver is version $driver and CUDA 13.0 needs $OLDEST_CUDA_DRIVER, so the CPU set is taken; for the GPU, update the driver and run: scripts/setup.sh --cuda"
        return 0
    fi
    set=cuda
}

# The path that an earlier run wrote into .cargo/config.toml, or nothing.
configured_libtorch() {
    [[ -r $config ]] || return 0
    awk -v begin="$BEGIN_MARK" -v end="$END_MARK" '
        $0 == begin { ours = 1 } $0 == end { ours = 0 }
        ours && sub(/^LIBTORCH = "/, "") && sub(/"$/, "") {
            gsub(/\\"/, "\""); gsub(/\\\\/, "\\"); print }' "$config"
}

# --- the tools that a build needs --------------------------------------------------------

# How to install a package here: $1 for apt, $2 for dnf, $3 for pacman.
install_command() {
    if command -v apt-get >/dev/null; then
        say "sudo apt-get install -y $1"
    elif command -v dnf >/dev/null; then
        say "sudo dnf install -y $2"
    elif command -v pacman >/dev/null; then
        say "sudo pacman -S --needed $3"
    else
        say "install $1 with your package manager"
    fi
}

check_build_tools() {
    local compiler=${CXX:-c++} missing=0
    compiler=${compiler%% *}
    if ! command -v "$compiler" >/dev/null; then
        missing=1
        if [[ -n ${CXX:-} ]]; then
            warn "CXX names the C++ compiler '$CXX', which is not there; mend with: unset CXX"
        elif command -v g++ >/dev/null; then
            warn "there is g++ but no c++, by which cargo calls it; mend with: export CXX=g++"
        elif command -v clang++ >/dev/null; then
            warn "there is clang++ but no c++, by which cargo calls it; mend with: export CXX=clang++"
        else
            warn "there is no C++ compiler; mend with: $(install_command build-essential gcc-c++ base-devel)"
        fi
    fi
    if ! command -v cc >/dev/null; then
        missing=1
        warn "there is no cc, which Rust links with; mend with: $(install_command build-essential gcc base-devel)"
    fi
    if ! command -v cargo >/dev/null; then
        missing=1
        if [[ -x ${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo ]]; then
            warn "cargo is installed but not on PATH; mend with: . \"${CARGO_HOME:-$HOME/.cargo}/env\""
        else
            warn "there is no cargo; mend with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
        fi
    fi
    ((missing == 0)) || exit 1
}

# --- telling cargo -----------------------------------------------------------------------

write_config() { # libtorch folder
    local quoted line rest='' old='' text new
    quoted=${1//\\/\\\\}
    line="LIBTORCH = \"${quoted//\"/\\\"}\""
    if [[ -e $config ]]; then
        old=$(<"$config")
        if [[ $(grep -cxF "$BEGIN_MARK" <<<"$old") != "$(grep -cxF "$END_MARK" <<<"$old")" ]]; then
            fail "$config has lost one of the two lines that mark this script's part; remove that part and run this again"
        fi
        rest=$(awk -v begin="$BEGIN_MARK" -v end="$END_MARK" \
            '$0 == begin { ours = 1 } !ours { print } $0 == end { ours = 0 }' <<<"$old")
        if grep -qE '^[[:space:]]*(\[[[:space:]]*"?env"?[[:space:]]*[].]|"?env"?[[:space:]]*[.=])' <<<"$rest"; then
            if grep -qxF "$line" <<<"$rest"; then return; fi
            fail "$config has an [env] section of your own, which is left alone; add this line to it: $line"
        fi
    fi
    if [[ -e ${config%.toml} ]]; then
        fail "${config%.toml} (the old name) would hide what is written to $config; mend with: mv ${config%.toml} $config"
    fi
    text="${rest:+$rest$'\n\n'}$BEGIN_MARK"$'\n'"[env]"$'\n'"$line"$'\n'"$END_MARK"
    if [[ $text == "$old" ]]; then return; fi
    if ! { mkdir -p "${config%/*}" && new=$(mktemp "$config.XXXXXX"); } 2>/dev/null; then
        fail "$config cannot be written; make ${config%/*} writable, or run cargo with: export LIBTORCH=$1"
    fi
    printf '%s\n' "$text" >"$new"
    chmod 644 "$new"
    mv "$new" "$config"
}

# --- the run -----------------------------------------------------------------------------

main() {
    local set='' print_only=0 driver='' chosen fault
    while (($# > 0)); do
        case $1 in
        --cpu | --cuda)
            if [[ -n $set && $set != "${1#--}" ]]; then
                warn "--cpu and --cuda exclude each other; choose one"
                exit 2
            fi
            set=${1#--}
            ;;
        --print-libtorch) print_only=1 ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            warn "unknown argument '$1'; scripts/setup.sh --help lists what there is"
            exit 2
            ;;
        esac
        shift
    done

    [[ $(uname -s) == Linux ]] ||
        fail "this runs on Linux only, and here is $(uname -s): macOS and Windows are not supported, because nobody has tested them; what needs no libtorch may build there with: cargo build --no-default-features"
    ((print_only)) || check_build_tools
    if [[ -n ${LIBTORCH:-} ]]; then
        fault=$(fault_of_libtorch "$LIBTORCH")
        [[ -z $fault ]] ||
            fail "LIBTORCH=$LIBTORCH cannot be used: $fault; mend with: unset LIBTORCH; scripts/setup.sh"
        chosen=$(cd -- "$LIBTORCH" && pwd)
        [[ -z $set ]] || warn "LIBTORCH is set, so --$set does nothing; for the cached one: unset LIBTORCH"
        set=
    else
        chosen=$(configured_libtorch)
        if [[ -n $set || $chosen == "$cache"/* || -n $(fault_of_libtorch "$chosen") ]]; then
            [[ -n $set ]] || choose_set
            if [[ $set == cuda ]] && ((!print_only)) && driver_is_too_old; then
                warn "the NVIDIA driver is version $driver and CUDA 13.0 needs $OLDEST_CUDA_DRIVER: until it is updated, training runs on the CPU"
            fi
            chosen=$(cache_folder "$set")/torch
            if ! is_whole "${chosen%/torch}" "$set"; then
                ((!print_only)) || fail "libtorch $VERSION is not installed yet; mend with: scripts/setup.sh"
                install "$set"
            fi
        fi
    fi

    if ((print_only)); then
        say "$chosen"
        return
    fi
    write_config "$chosen"
    if [[ -n ${LIBTORCH_USE_PYTORCH:-}${LIBTORCH_LIB:-}${LIBTORCH_INCLUDE:-}${LIBTORCH_STATIC:-} ]]; then
        warn "LIBTORCH_USE_PYTORCH, LIBTORCH_LIB, LIBTORCH_INCLUDE or LIBTORCH_STATIC is exported and changes which libtorch cargo takes; unset it unless that is meant"
    fi
    say "Ready: libtorch $VERSION in $chosen; cargo finds it through .cargo/config.toml."
}

main "$@"
