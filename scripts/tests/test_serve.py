"""The server: against what it says of itself, under load, killed, and asked by those who mean no good."""

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
            cls.command = command_siamese()
        except unittest.SkipTest as why:
            print(f"NOT RUN: the server: {why}", file=sys.stderr)
            raise

    def run_python(self, *words, python=sys.executable):
        run = subprocess.run([python, "-B", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_it_does_what_its_description_says(self):
        try:
            python = python_with(HERE / "serve_requirements.txt")
        except unittest.SkipTest as why:
            print(f"NOT RUN: the server against schemathesis: {why}", file=sys.stderr)
            raise
        self.run_python(HERE / "check_serve.py", self.command, python, python=python)

    def test_it_stays_within_its_memory_under_load(self):
        self.run_python(HERE / "load_serve.py", self.command, "--seconds", 5, "--connections", 20, "--people", 2000)

    def test_what_it_acknowledged_is_there_after_it_was_killed(self):
        self.run_python(HERE / "durable_serve.py", self.command, "--minutes", 0.2, "--kills", 2)

    def test_it_refuses_what_means_no_good(self):
        self.run_python(HERE / "hostile_serve.py", self.command)


if __name__ == "__main__":
    unittest.main()
