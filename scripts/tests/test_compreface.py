"""The server, asked by the clients that people have for CompreFace."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from surroundings import command_siamese, python_with

HERE = Path(__file__).resolve().parent


def node_with(package, folder):
    """Installs what a package.json names. Says why where that cannot be done."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise unittest.SkipTest("there is no node, or no npm")
    major = subprocess.run(["node", "-p", "process.versions.node.split('.')[0]"], stdout=subprocess.PIPE, text=True)
    if int(major.stdout or 0) < 16:
        raise unittest.SkipTest("the clients for JavaScript need node 16 or later")
    shutil.copy(package, folder / "package.json")
    try:
        run = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
                             cwd=folder, stderr=subprocess.PIPE, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f"what {package.name} names cannot be installed within five minutes") from None
    if run.returncode != 0:
        raise unittest.SkipTest(f"what {package.name} names cannot be installed: {run.stderr.strip()[-300:]}")


class CompreFace(unittest.TestCase):
    def check(self, *more):
        try:
            command, python = command_siamese(), python_with(HERE / "compreface_requirements.txt")
        except unittest.SkipTest as why:
            print(f"NOT RUN: the server against CompreFace's clients: {why}", file=sys.stderr)
            raise
        run = subprocess.run([sys.executable, HERE / "check_compreface.py", command, python, *more],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_its_clients_for_python_and_javascript_work(self):
        with tempfile.TemporaryDirectory() as folder:
            try:
                node_with(HERE / "compreface_package.json", Path(folder))
            except unittest.SkipTest as why:
                print(f"NOT RUN: the server against CompreFace's client for JavaScript: {why}", file=sys.stderr)
                self.check()
            else:
                self.check(folder)


if __name__ == "__main__":
    unittest.main()
