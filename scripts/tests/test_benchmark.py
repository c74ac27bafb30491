"""benchmark.py: what it calls, and the tables that it makes of what comes out."""

import contextlib
import io
import stat
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import benchmark

# Stands for `siamese crossval`: notes its arguments, and writes a report whose figures follow from the seed.
PROGRAM = """#!/usr/bin/env python3
import json, pathlib, sys
words = sys.argv[1:]
value = lambda key: words[words.index(key) + 1]
seed = int(value("--set").removeprefix("seed="))
out = pathlib.Path(value("--out"))
(out / "fold-0").mkdir(parents=True, exist_ok=True)
with open(out.parent / "calls", "a") as calls:
    calls.write(" ".join(words) + chr(10))
if "small2" in value("--data") and (out.parent / "broken").exists():
    sys.exit("siamese: the disk is full")
(out / "fold-0/history.jsonl").write_text(json.dumps({"seconds": 60.0}) + chr(10) + json.dumps({"seconds": None if seed == 2 else 40.0 + seed}) + chr(10))
measured = lambda number: {"value": number, "interval": [number / 2, number * 2]}
figures = {
    "one_shot": {"trials": 400, "errors": 20 + 4 * seed, "error_rate": measured((20 + 4 * seed) / 400),
                 "error_rate_over_groups": measured((20 + 4 * seed) / 400)},
    "eer": {"value": 0.04 + seed / 100, "interval": None},
    "rank_1": None,
    "fnmr_at_fmr": [{"target": 0.01, "rate": {"known": {"measured": {"value": 0.125}}}},
                    {"target": 0.001, "rate": {"unavailable": "too few"}}],
}
kind = lambda name, eer: {"kind": name, "eer": measured(eer),
                          "fnmr_at_fmr": [{"target": 0.1, "rate": {"known": {"measured": {"value": 2 * eer}}}}]}
impostors = {"kinds": [kind("random", 0.02), kind("skilled", 0.08 + seed / 50)]}
(out / "report.json").write_text(json.dumps({"methods": [{"outcome": {"figures": figures}}], "impostors": impostors}))
"""


class Benchmark(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name)
        self.program = self.out / "siamese"
        self.program.write_text(PROGRAM)
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    def call(self, *words: str):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = benchmark.main([*words, "--siamese", str(self.program), "--out", str(self.out)])
        return code, out.getvalue().splitlines()

    def test_one_shot_errors_are_a_mean_over_seeds_and_over_sets(self) -> None:
        code, lines = self.call("omniglot", "--seeds", "2")
        self.assertEqual(code, 0)
        self.assertEqual(lines[0], "| trained on | errors % | errors of each seed | 95 % over alphabets | one training |")
        # 20 and 24 of 400 are 5 and 6 %; the median of 100 and 101 seconds.
        row = "5.50 +- 0.71 | 20 of 400, 24 of 400 | 2.5 to 10.0; 3.0 to 12.0 | 100 s |"
        self.assertEqual(lines[2:4], [f"| small 1 | {row}", f"| small 2 | {row}"])
        self.assertEqual(lines[4], "| mean of all | 5.50 +- 0.58 |  |  |  |")
        calls = (self.out / "calls").read_text().splitlines()
        self.assertEqual(len(calls), 4)
        self.assertTrue(all("crossval omniglot" in call and "--protocol omniglot-runs" in call and "--allow-duplicates" in call for call in calls))
        self.assertEqual(len({call.rsplit(" ", 1)[1] for call in calls}), 4, "each has a folder of its own")

    def test_figures_that_cannot_be_shown_are_not_numbers(self) -> None:
        code, lines = self.call("orl", "--seeds", "1")
        self.assertEqual(code, 0)
        self.assertEqual(len(lines), 2 + 8)
        self.assertEqual(lines[2], "| orl-fast, chopra-35-5 | 4.00 | none | 12.50 | not shown | 100 s |")

    def test_random_and_skilled_impostors_stand_apart(self) -> None:
        code, lines = self.call("signatures-made-up", "--seeds", "2")
        self.assertEqual((code, len(lines)), (0, 2 + 2))
        row = "2.00 +- 0.00 | 9.00 +- 1.41 | 4.0 to 16.0; 5.0 to 20.0 | 18.00 +- 2.83 | 100 s |"
        self.assertEqual(lines[2:], [f"| before | {row}", f"| signatures | {row}"])
        calls = (self.out / "calls").read_text().splitlines()
        self.assertTrue(all("--layout {subject}/{kind}/*" in call and "made_up_writers" in call for call in calls))

    def test_a_time_that_a_crash_lost_does_not_count(self) -> None:
        self.assertTrue(self.call("omniglot", "--seeds", "3")[1][2].endswith("| 100 s |"))

    def test_a_training_that_fails_ends_it(self) -> None:
        (self.out / "broken").touch()
        code, lines = self.call("omniglot")
        self.assertEqual((code, lines), (1, []))

    def test_wrong_usage(self) -> None:
        for words in (["omniglot", "--seeds", "0"], ["faces"]):
            with self.assertRaises(SystemExit) as stop:
                self.call(*words)
            self.assertEqual(stop.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
