"""The page of `siamese serve`, in a real browser (check_page.py)."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

from browser import chromium
from surroundings import command_siamese, python_with

HERE = Path(__file__).resolve().parent


class Page(unittest.TestCase):
    def test_every_way_through_it_works_in_a_browser(self):
        if not os.environ.get("SIAMESE_SLOW_TESTS"):
            print("NOT RUN: the page in a browser: scripts/test.sh --all runs it", file=sys.stderr)
            self.skipTest("slow")
        try:
            command, python, browser = command_siamese(), python_with(HERE / "page_requirements.txt"), chromium()
        except unittest.SkipTest as why:
            print(f"NOT RUN: the page in a browser: {why}", file=sys.stderr)
            raise
        run = subprocess.run([python, "-B", "-m", "unittest", "check_page"], cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, env=os.environ | {"SIAMESE": command, "CHROMIUM": browser}, timeout=1200, check=False)
        self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    unittest.main()
