"""scripts/check_cuda.sh, with the CPU in place of the GPU that no machine for tests has."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from surroundings import ROOT, command_siamese

SCRIPT = ROOT / "scripts/check_cuda.sh"


class CheckCuda(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([SCRIPT, "--binary", command_siamese(), *arguments], capture_output=True, text=True)

    def test_it_compares_interrupts_and_measures(self):
        if not os.environ.get("SIAMESE_SLOW_TESTS"):
            self.skipTest("slow: scripts/test.sh --all")
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "check.json")
            said = self.run_it("--device", "cpu", "--quick", "--out", str(out))
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
            report = json.loads(out.read_text())
        self.assertEqual(report["failed"], [])
        self.assertTrue(report["compared"]["holds"])
        self.assertGreaterEqual(report["resumed"]["epochs_before"], 2)
        self.assertEqual(report["resumed"]["largest_difference"], 0)
        self.assertGreater(report["throughput"]["seed"]["images_a_second"], 0)

    def test_it_says_what_is_missing(self):
        said = self.run_it("--device", "cuda:7")
        if said.returncode == 0:
            self.skipTest("there is such a device")
        self.assertIn("CUDA", said.stdout + said.stderr)
        said = subprocess.run([SCRIPT, "--binary", "/bin/false"], capture_output=True, text=True)
        self.assertIn("/bin/false does not run", said.stderr)


if __name__ == "__main__":
    unittest.main()
