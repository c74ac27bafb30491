#!/usr/bin/env python3
"""Fills datasets/omniglot with handwritten characters and the 20 official one-shot runs of Omniglot.

Sources, in order: what is in the folder already; --from PATH alone when it is given; else the official
repository. An archive is unpacked only if its checksum is the one in datasets/omniglot.sha256. Each set
appears whole or not at all.

Exit codes: 0 the sets are there, 1 one is not (and why), 2 wrong usage, 130 stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from archive_members import MAX_ARCHIVE_BYTES, MAX_MEMBER_BYTES, ArchiveError, members
from fetch_orl import DATASETS, STOPPED, SourceError, download, foreign_files, place, read_checksums, run, shorten

OFFICIAL_URL = "https://github.com/brendenlake/omniglot/raw/master/python"
CREDIT = """Omniglot is by Brenden Lake, Ruslan Salakhutdinov and Joshua Tenenbaum (MIT licence, copyright 2015 Brenden
Lake; https://github.com/brendenlake/omniglot). Cite: "Human-level concept learning through probabilistic
program induction", Science 350, 2015."""

MINIMAL = ["images_background_small1", "images_background_small2", "all_runs"]
FULL = ["images_background", "images_evaluation"]
# Where the official repository keeps an archive, below its folder `python`.
FOLDERS = {"all_runs": "one-shot-classification/"}
# What torchvision.datasets.Omniglot expects of the two that datasets/omniglot.sha256 does not name.
FULL_MD5 = {"images_background": "68d2efa1b9178cc56df9314c21c6e718", "images_evaluation": "6b91aef0f799c5bb55b94e3f2daec811"}

PART = r"[A-Za-z0-9_()-]+"
DRAWING = rf"{PART}/character\d\d/\d{{4}}_\d\d\.png"
RUN = r"run\d\d/(?:class_labels\.txt|training/class\d\d\.png|test/item\d\d\.png)"
MANIFEST = "SHA256SUMS"
MAX_FILES = 50_000


class Answer(NamedTuple):
    """The kind of checksum, and what it must be."""

    kind: str
    digest: str

    def refuse(self, data: bytes) -> Optional[str]:
        found = hashlib.new(self.kind, data).hexdigest()
        return None if found == self.digest else f"its {self.kind} is {found}, expected {self.digest}"


# --- one set -----------------------------------------------------------------------------


def wanted(name: str) -> "re.Pattern[str]":
    """The names of the members that belong to the set; the whole name, so none leads out of it."""
    return re.compile(rf"\A{RUN}\Z" if name == "all_runs" else rf"\A{re.escape(name)}/{DRAWING}\Z")


def unpack(name: str, data: bytes) -> Dict[str, bytes]:
    """The files of an archive, by their names below the set's folder."""
    files: Dict[str, bytes] = {}
    total = 0
    try:
        for member, content in members(data, wanted(name)):
            total += len(content)
            if len(content) >= MAX_MEMBER_BYTES or total > MAX_ARCHIVE_BYTES or len(files) >= MAX_FILES:
                raise SourceError("unpacked it is larger than the set is")
            files[member if name == "all_runs" else member.split("/", 1)[1]] = content
    except ArchiveError as error:
        raise SourceError(str(error)) from error
    if not files:
        raise SourceError("it holds no file of the set")
    return files


def manifest(files: Dict[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "".join(lines).encode("ascii")


def shortfall(folder: Path) -> Optional[str]:
    """What the folder lacks of its own list of checksums; None if it is whole."""
    try:
        checksums = read_checksums(folder / MANIFEST)
    except (OSError, ValueError):
        return f"it has no list {MANIFEST}"
    wrong = []
    for name, digest in checksums.items():
        try:
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                wrong.append(name)
        except OSError:
            wrong.append(name)
    if not checksums:
        return f"its list {MANIFEST} is empty"
    return f"{len(wrong)} of {len(checksums)} files are missing or differ ({shorten(wrong)})" if wrong else None


# --- sources -----------------------------------------------------------------------------


def official_place(name: str) -> str:
    return f"{FOLDERS.get(name, '')}{name}.zip"


def from_path(path: Path, name: str) -> bytes:
    """The archive of this name: the path itself, or in that folder, or where a checkout of the official repository has it."""
    archive = f"{name}.zip"
    official = official_place(name)
    places = [path / archive, path / official, path / "python" / official] if path.is_dir() else [path]
    for place_ in places:
        if place_.name == archive and place_.is_file():
            with open(place_, "rb") as file:
                return file.read(MAX_ARCHIVE_BYTES + 1)
    raise SourceError(f"there is no {archive} in {path}" if path.is_dir() else f"{path} is no {archive}")


def take(name: str, arguments: argparse.Namespace, answer: Answer) -> Dict[str, bytes]:
    url = f"{arguments.official_url.rstrip('/')}/{official_place(name)}"
    print(f"Trying {arguments.source or url}", flush=True)
    data = from_path(arguments.source, name) if arguments.source else download(url)
    refusal = answer.refuse(data)
    if refusal:
        raise SourceError(refusal)
    return unpack(name, data)


# --- the run -----------------------------------------------------------------------------


def parse_arguments(words: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fetch_omniglot.py",
        description="Fills datasets/omniglot with Omniglot's two minimal background sets and its 20 one-shot runs.",
        epilog="Exit codes: 0 the sets are there, 1 one is not, 2 wrong usage, 130 stopped.")
    parser.add_argument("--from", dest="source", type=Path, metavar="PATH",
                        help="take the archives from this folder (or this one zip), and from nowhere else")
    parser.add_argument("--full", action="store_true",
                        help="also the background set of 30 alphabets and the evaluation set of 20")
    parser.add_argument("--dest", type=Path, default=DATASETS / "omniglot", metavar="DIR",
                        help="the folder to fill (default: datasets/omniglot of this checkout)")
    parser.add_argument("--check", action="store_true", help="only say whether the sets are there and whole")
    parser.add_argument("--official-url", default=OFFICIAL_URL, metavar="URL", help="a mirror of the official folder")
    arguments = parser.parse_args(words)
    if arguments.check and arguments.source:
        parser.error("--check fetches nothing: leave out --from")
    if not arguments.official_url.startswith(("http://", "https://")):
        parser.error("--official-url takes an http:// or https:// address")
    return arguments


def fill(arguments: argparse.Namespace) -> int:
    sha256 = read_checksums(DATASETS / "omniglot.sha256")
    answers = {name: Answer("sha256", sha256[f"{name}.zip"]) for name in MINIMAL}
    answers.update({name: Answer("md5", digest) for name, digest in FULL_MD5.items()} if arguments.full else {})
    missing = []
    for name, answer in answers.items():
        folder = arguments.dest.resolve() / name
        lacks = shortfall(folder) if folder.is_dir() else "it is not there"
        if lacks is None:
            print(f"{folder} is already there, all checksums right.")
            continue
        if arguments.check:
            missing.append(f"{folder}: {lacks}")
            continue
        try:
            if folder.exists() and not folder.is_dir():
                raise SourceError(f"{folder} is a file, where a folder is to be; move it away")
            files = take(name, arguments, answer)
            foreign = foreign_files(folder, {**files, MANIFEST: b""}) if folder.is_dir() else []
            if foreign:
                raise SourceError(f"{folder} also holds files that are not of the set ({shorten(foreign)}), and replacing it "
                                  "would delete them; move them away, or choose another folder with --dest")
            place({**files, MANIFEST: manifest(files)}, folder)
            print(f"  {folder}: {len(files)} files.")
        except SourceError as error:
            missing.append(f"{name}: {error}")
        # Python drops what the signal's handler raises where it comes while a finaliser runs.
        if STOPPED.is_set():
            raise KeyboardInterrupt
    if missing:
        fetch = "fetch it with: scripts/fetch_omniglot.py" if arguments.check else (
            "".join(["Download\n", *(f"  {OFFICIAL_URL}/{official_place(name)}\n" for name in answers)])
            + "on another machine and give their folder with --from. datasets/README.md has more.")
        print("\n".join(missing), fetch, sep="\n", file=sys.stderr)
        return 1
    print(CREDIT)
    return 0


def main(words: Optional[List[str]] = None) -> int:
    return run(fill, parse_arguments(words))


if __name__ == "__main__":
    sys.exit(main())
