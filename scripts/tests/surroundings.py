"""What tests in Python need from outside: packages, and the command as it was built."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def python_with(requirements):
    """A Python that has what a file of requirements names: made once and kept in the cache. Says why where there is none."""
    cache = Path(os.environ.get("SIAMESE_CACHE") or Path.home() / ".cache/siamese")
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    name = requirements.stem.removesuffix("_requirements")
    folder = cache / f"{name}-{key}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=cache))
        try:
            for command in (["-m", "venv", str(made)],
                            ["-m", "pip", "--python", str(made), "install", "--quiet", "--only-binary=:all:",
                             "--disable-pip-version-check", "--requirement", str(requirements)]):
                run = subprocess.run([sys.executable, *command], stderr=subprocess.PIPE, text=True)
                if run.returncode != 0:
                    raise unittest.SkipTest(f"what {requirements.name} names cannot be installed: {run.stderr.strip()[-300:]}")
            if not folder.exists():
                made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return str(folder / "bin/python")


def program(names, package):
    """The path of one of these programs. Its Debian package is installed on machines for tests (CI=true), by root."""
    def found():
        return next(filter(None, map(shutil.which, names)), None)

    if not found() and os.environ.get("CI") == "true" and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(["apt-get", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, timeout=600, check=False)
    if not found():
        raise unittest.SkipTest(f"there is no {names[0]}: install Debian's package {package}")
    return found()


def command_siamese():
    """The command as the tests in Rust have built it."""
    run = subprocess.run(["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"], cwd=ROOT,
                         stdout=subprocess.PIPE, check=True)
    command = Path(json.loads(run.stdout)["target_directory"]) / "debug/siamese"
    if not command.exists():
        raise unittest.SkipTest("siamese has not been built: cargo build -p siamese-cli")
    return str(command)
