#!/usr/bin/env bash
# Makes plain `cargo build`, `cargo test` and `cargo run` work in this checkout:
# finds or installs libtorch and tells cargo where it is. See `setup.sh --help`.
set -Eeuo pipefail

readonly VERSION=2.13.0
readonly OLDEST_CUDA_DRIVER=580 # what CUDA 13.0 needs
readonly INSTALLED_CPU_MB=500 INSTALLED_CUDA_MB=3700
readonly BEGIN_MARK='# >>> written by scripts/setup.sh, which replaces these lines'
readonly END_MARK='# <<< scripts/setup.sh'

here=$(cd -- "${BASH_SOURCE[0]%/*}" && pwd)
readonly here root=${here%/*}
readonly wheels=$here/libtorch.tsv
readonly config=$root/.cargo/config.toml
readonly cache=${SIAMESE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/siamese}

say() { printf '%s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    warn "$*"
    exit 1
}

# Every foreseen failure has its own sentence; this one is for the others.
unforeseen() { warn "stopped at line $1, where this failed: ${2%%$'\n'*}"; }
trap 'unforeseen "$LINENO" "$BASH_COMMAND"' ERR

usage() {
    cat <<HELP
usage: scripts/setup.sh [--cpu | --cuda] [--print-libtorch]

Finds libtorch $VERSION and writes its place into .cargo/config.toml, so that cargo
works in this checkout with nothing exported. The first that applies is taken:

  1. \$LIBTORCH, when it is set: a libtorch $VERSION of your own, checked;
  2. such a folder from an earlier run, when no flag asks for another;
  3. the cache ($cache),
     filled once from the Python package index: the CPU set ($(download_mb cpu) MB to download,
     $INSTALLED_CPU_MB MB installed), or with an NVIDIA driver the CUDA set ($(download_mb cuda) MB, $INSTALLED_CUDA_MB MB).

  --cpu             take the CPU set, whatever the machine has
  --cuda            take the CUDA set, even where there is no NVIDIA driver
  --print-libtorch  print the folder that is or would be used without installing,
                    and nothing else; exit 1 when there is none yet
  -h, --help        this text

Environment: LIBTORCH, SIAMESE_CACHE (default \${XDG_CACHE_HOME:-~/.cache}/siamese), CXX,
and pip's own settings (PIP_INDEX_URL, PIP_CERT, ...).
Exit codes: 0 ready, 1 something is missing (said in one sentence), 2 wrong usage.
HELP
}

# --- what is where ---------------------------------------------------------------------

# The rows of libtorch.tsv for a set ("cuda" includes "cpu") on this kind of machine.
rows() {
    awk -F'\t' -v set="$1" -v machine="$(uname -m)" \
        '!/^#/ && $2 == machine && ($1 == "cpu" || $1 == set) { print $3 "\t" $4 "\t" $5 }' "$wheels"
}

download_mb() { rows "$1" | awk -F'\t' '{ sum += $2 } END { printf "%d", sum / 1e6 + 0.5 }'; }

cache_folder() { printf '%s' "$cache/libtorch-$VERSION-$1"; }

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

# Sets python to an interpreter with pip, as an array of words.
find_pip() {
    command -v python3 >/dev/null ||
        fail "there is no python3, which downloads libtorch; mend with: $(install_command 'python3 python3-pip' python3-pip python-pip)"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null ||
        fail "python3 does not run or is older than 3.8; mend with: $(install_command 'python3 python3-pip' python3-pip python-pip)"
    python=python3
    if python3 -m pip --version >/dev/null 2>&1; then
        return
    fi
    python=$cache/venv/bin/python3
    if "$python" -m pip --version >/dev/null 2>&1; then
        return
    fi
    say "python3 has no pip: making a virtual environment with one in $cache/venv"
    rm -rf "$cache/venv"
    if ! python3 -m venv "$cache/venv" >/dev/null 2>&1 || ! "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$cache/venv"
        fail "python3 has neither pip nor a working venv; mend with: $(install_command 'python3-pip python3-venv' python3-pip python-pip)"
    fi
}

# --- the install -------------------------------------------------------------------------

# What an install of set $2 in folder $1 holds: the pins it came from, then each library
# and its size. The stamp file .complete keeps this list.
contents() {
    rows "$2" | cksum
    (cd "$1" && find torch/lib nvidia torch/build-version torch/include/torch/csrc/api/include/torch/torch.h \
        ! -type d -printf '%s %p\n' 2>/dev/null | LC_ALL=C sort)
}

is_whole() { # folder, set
    [[ -f $1/.complete ]] && [[ $(contents "$1" "$2") == "$(<"$1/.complete")" ]]
}

free_mb() {
    local folder=$1
    while [[ ! -d $folder ]]; do folder=$(dirname -- "$folder"); done
    df -Pk -- "$folder" | awk 'NR == 2 { printf "%d", $4 / 1000 }'
}

# Takes from a wheel what a build and a run need: libraries, headers, licences. The CPU set
# drops the CUDA half of libtorch; without the nvidia libraries it could not be loaded anyway.
unpack() { # wheel, folder, set
    "$python" - "$@" <<'PYTHON'
import re
import shutil
import sys
import zipfile
from pathlib import Path, PurePosixPath

wheel, folder, chosen = sys.argv[1:]
needless = r"libtorch_python|libshm"
if chosen == "cpu":
    needless += r"|cuda(?!rt)|nvrtc|nvshmem|nvperf|pcsampling|checkpoint"


def wanted(path):
    name = path.name
    if path.parts[0].endswith(".dist-info"):
        return name == "METADATA" or "licen" in str(path).lower() or "notice" in name.lower()
    if path.parts[:2] == ("torch", "include"):
        return True
    return re.search(r"\.so(\.|$)", name) and path.parent.name in ("lib", "torch.libs") and not re.search(needless, name)


with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if member.is_dir() or path.is_absolute() or ".." in path.parts or not wanted(path):
            continue
        target = Path(folder, *path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
PYTHON
}

# Downloads one pinned wheel into $stage/wheel. Any Python will do, since only the shared
# libraries are of interest: the wheel is always the one for CPython 3.12.
download() { # requirement, sha256, log
    local platform platforms=()
    for platform in manylinux_2_{28,27,26,25,24,18,17,12,5} manylinux2014 manylinux2010 manylinux1; do
        platforms+=(--platform "${platform}_$(uname -m)")
    done
    local progress=off
    [[ -t 1 ]] && progress=on
    rm -rf "$stage/wheel" "$stage/tmp"
    mkdir -p "$stage/wheel" "$stage/tmp"
    printf '%s --hash=sha256:%s\n' "$1" "$2" >"$stage/requirement.txt"
    # No cache: old versions of pip hold all of a file in memory to cache it.
    TMPDIR=$stage/tmp PIP_DEFAULT_TIMEOUT=${PIP_DEFAULT_TIMEOUT:-20} PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 \
        "$python" -m pip download --disable-pip-version-check --no-cache-dir --retries 2 --no-deps \
        --progress-bar "$progress" --only-binary=:all: --python-version 3.12 --implementation cp --abi cp312 --abi none \
        "${platforms[@]}" --require-hashes --requirement "$stage/requirement.txt" --dest "$stage/wheel" 2>&1 |
        if [[ $progress == on ]]; then tee "$3"; else cat >"$3"; fi
}

# Turns pip's log into one sentence.
explain_pip() { # requirement, log
    local again="run scripts/setup.sh again: it goes on from what it has"
    if grep -q 'No space left' "$2"; then
        fail "the disk filled up while $1 was downloaded; free some space under $cache and $again"
    elif grep -q 'DO NOT MATCH THE HASHES' "$2"; then
        fail "what the package index sent for $1 is not the pinned file (wrong checksum); $again, or look at PIP_INDEX_URL and pip config list"
    elif grep -qiE 'no such option|invalid wheel' "$2"; then
        fail "this pip is too old ($("$python" -m pip --version | cut -d' ' -f1,2)); mend with: $python -m pip install --upgrade pip"
    elif grep -qiE 'Name or service|name resolution|Max retries|Connection|timed out|Network is unreachable|SSL|ProxyError' "$2"; then
        fail "the package index cannot be reached for $1; check the network (or PIP_INDEX_URL, PIP_PROXY, PIP_CERT) and $again, or set LIBTORCH to a libtorch $VERSION that you have"
    fi
    tail -n 5 "$2" >&2
    fail "pip could not download $1 (its last words are above); $again, or set LIBTORCH to a libtorch $VERSION that you have"
}

check_machine() {
    [[ $(uname -s) == Linux && -n $(rows cpu) ]] ||
        fail "there is no pinned libtorch for $(uname -s) on $(uname -m); set LIBTORCH to a libtorch $VERSION of your own and run this again"
    local glibc
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2 || true)
    [[ -n $glibc && $(printf '2.28\n%s\n' "$glibc" | sort -V | head -n 1) == 2.28 ]] ||
        fail "libtorch $VERSION needs glibc 2.28 or newer and this system has ${glibc:-another C library}; use a newer system, or set LIBTORCH to a libtorch $VERSION built for it"
}

check_disk() { # set
    local need largest free
    largest=$(rows "$1" | awk -F'\t' '$2 > most { most = $2 } END { printf "%d", most / 1e6 }')
    if [[ $1 == cuda ]]; then need=$INSTALLED_CUDA_MB; else need=$INSTALLED_CPU_MB; fi
    need=$((need + 2 * largest + 100)) # pip writes a wheel to its temporary folder, then copies it
    free=$(free_mb "$cache")
    ((free >= need)) ||
        fail "$cache has $free MB free and the install needs $need MB; free some space, or choose another disk with: SIAMESE_CACHE=/path scripts/setup.sh"
}

install() { # set
    local dir requirement bytes sha256 number=0 count log
    dir=$(cache_folder "$1")
    check_machine
    find_pip
    mkdir -p "$cache" 2>/dev/null && [[ -w $cache ]] ||
        fail "the cache folder $cache cannot be written; choose another with: SIAMESE_CACHE=/path scripts/setup.sh"
    stage=$dir.partial
    if command -v flock >/dev/null; then
        exec 9>"$dir.lock"
        if ! flock -n 9; then
            say "Another scripts/setup.sh is installing into $dir; waiting for it."
            flock 9
            if is_whole "$dir" "$1"; then return; fi
        fi
    else
        stage=$dir.partial.$$
        trap 'rm -rf "$stage"' EXIT
    fi
    if [[ -e $dir ]]; then
        say "The libtorch in $dir is incomplete or damaged: replacing it."
    fi
    check_disk "$1"
    say "Installing libtorch $VERSION ($1 set): $(download_mb "$1") MB to download from the Python package index, into $dir"
    if [[ $(cat "$stage/pins" 2>/dev/null) != "$(rows "$1" | cksum)" ]]; then
        rm -rf "$stage"
    fi
    mkdir -p "$stage/done"
    rows "$1" | cksum >"$stage/pins"
    log=$stage/pip.log
    count=$(rows "$1" | wc -l)
    while IFS=$'\t' read -r requirement bytes sha256 <&3; do
        number=$((number + 1))
        if [[ -e $stage/done/$sha256 ]]; then continue; fi
        say "  [$number/$count] $requirement, $(((bytes + 500000) / 1000000)) MB"
        download "$requirement" "$sha256" "$log" || explain_pip "$requirement" "$log"
        unpack "$stage"/wheel/*.whl "$stage/new" "$1" ||
            fail "$requirement could not be unpacked into $stage; check the disk and run scripts/setup.sh again"
        : >"$stage/done/$sha256"
    done 3< <(rows "$1")
    printf '%s\n' "$VERSION" >"$stage/new/torch/build-version"
    if [[ $1 == cpu ]]; then # the wheel's libtorch.so is a stub that asks for the CUDA half too
        ln -sf libtorch_cpu.so "$stage/new/torch/lib/libtorch.so"
    fi
    prove "$stage/new/torch" "$1"
    contents "$stage/new" "$1" >"$stage/new/.complete"
    sync -f "$stage/new/.complete" 2>/dev/null || true
    rm -rf "$stage/old"
    if [[ -e $dir ]]; then mv "$dir" "$stage/old"; fi
    mv "$stage/new" "$dir"
    rm -rf "$stage"
}

# Loads the libraries once, as the binary will: a missing dependency shows here, not later.
prove() { # libtorch folder, set
    local libraries=("$1/lib/libtorch_cpu.so") words
    if [[ $2 == cuda ]]; then libraries+=("$1/lib/libtorch_cuda.so"); fi
    [[ -f $1/include/torch/csrc/api/include/torch/torch.h ]] ||
        fail "the downloaded libtorch has no torch.h; mend with: rm -rf $stage; scripts/setup.sh"
    if ! words=$("$python" -c 'import ctypes, sys
for path in sys.argv[1:]: ctypes.CDLL(path)' "${libraries[@]}" 2>&1); then
        rm -rf "$stage"
        fail "the downloaded libtorch does not load (${words##*$'\n'}); run scripts/setup.sh again"
    fi
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
    local set='' print_only=0 chosen fault
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
            if [[ -z $set ]]; then
                if has_nvidia_driver; then set=cuda; else set=cpu; fi
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
    if [[ $set == cuda ]]; then
        local driver
        driver=$(nvidia_driver_major)
        if [[ -n $driver ]] && ((driver < OLDEST_CUDA_DRIVER)); then
            warn "the NVIDIA driver is version $driver and CUDA 13.0 needs $OLDEST_CUDA_DRIVER: until it is updated, training runs on the CPU"
        fi
    fi
    say "Ready: libtorch $VERSION in $chosen; cargo finds it through .cargo/config.toml."
}

python=python3
stage=
main "$@"
