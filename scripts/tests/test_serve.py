"""The server, checked by schemathesis against what it says of itself, and under load."""

import subprocess
import sys
import unittest
from pathlib import Path

from surroundings import command_siamese, python_with

HERE = Path(__file__).resolve().parent


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.command, cls.python = command_siamese(), python_with(HERE / "serve_requirements.txt")
        except unittest.SkipTest as why:
            print(f"NOT RUN: the server against schemathesis: {why}", file=sys.stderr)
            raise

    def run_python(self, *words):
        run = subprocess.run([self.python, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_it_does_what_its_description_says(self):
        self.run_python(HERE / "check_serve.py", self.command, self.python)

    def test_it_stays_within_its_memory_under_load(self):
        self.run_python(HERE / "load_serve.py", self.command, "--seconds", 5, "--connections", 20)


if __name__ == "__main__":
    unittest.main()
