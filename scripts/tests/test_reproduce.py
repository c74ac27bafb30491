"""reproduce.sh with stubs in place of what it calls: what the command is given."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent


class Reproduce(unittest.TestCase):
    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="reproduce test."))
        self.addCleanup(shutil.rmtree, self.top)
        self.bin, self.repo = self.top / "bin", self.top / "repo"
        target = self.top / "target"
        for folder in (self.bin, self.repo / "scripts", target / "release", self.top / "here"):
            folder.mkdir(parents=True)
        shutil.copy(SCRIPTS / "reproduce.sh", self.repo / "scripts")
        self.script(self.repo / "scripts/setup.sh", "exit 0")
        (self.repo / "scripts/fetch_orl.py").write_text("")
        self.script(self.bin / "cargo", f'[ "$1" = build ] || echo \'{{"target_directory": "{target}"}}\'')
        self.script(target / "release/siamese", 'pwd; for argument in "$@"; do echo "$argument"; done')

    def script(self, path, text):
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def given(self, *words):
        run = subprocess.run([str(self.repo / "scripts/reproduce.sh"), *words], cwd=self.top / "here", text=True,
                             env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}, stdout=subprocess.PIPE)
        self.assertEqual(run.returncode, 0, run.stdout)
        folder, *arguments = run.stdout.splitlines()
        self.assertEqual(Path(folder).resolve(), (self.top / "here").resolve())
        return arguments

    def test_a_folder_of_ones_own_takes_the_place_of_the_usual_one(self):
        start = ["reproduce", "--data", f"{self.repo}/datasets/orl_faces"]
        self.assertEqual(self.given("--quick"), [*start, "--out", f"{self.repo}/runs/reproduce", "--quick"])
        self.assertEqual(self.given("--out", "mine", "--seeds", "2"), [*start, "--out", "mine", "--seeds", "2"])
        self.assertEqual(self.given("--out=my runs"), [*start, "--out=my runs"])


if __name__ == "__main__":
    unittest.main()
