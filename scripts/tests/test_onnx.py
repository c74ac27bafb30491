"""Exported models of every built-in recipe, on the AT&T faces, as onnxruntime runs them, the Python of docs/onnx.md, and a
ready network of ResNet-50's size."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from surroundings import command_siamese, python_with

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FACES = ROOT / "datasets/orl_faces"
REQUIREMENTS = HERE / "onnx_requirements.txt"

# One step of training or a few: the weights need not be good, and whitening is fitted on real faces.
STEPS = {
    "seed": "pairs.per_kind=200",
    "seed-literal": "pairs.per_kind=200",
    "chopra2005": "pairs.per_kind=200",
    "orl-fast": "batches.per_epoch=1",
    "orl-best": "batches.per_epoch=1",
}


class Onnx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            if not FACES.exists():
                raise unittest.SkipTest("the AT&T faces are not there: scripts/fetch_orl.py")
            cls.command, cls.python = command_siamese(), python_with(REQUIREMENTS)
        except unittest.SkipTest as why:
            print(f"NOT RUN: exported models in onnxruntime: {why}", file=sys.stderr)
            raise
        cls.folder = tempfile.mkdtemp(prefix="onnx test.")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for recipe, steps in STEPS.items():
            cls.siamese("train", recipe, "--data", FACES, "--out", recipe, "--no-report", "--quiet",
                        "--set", "train.epochs=1", "--set", steps)
            cls.siamese("export", recipe, "--onnx", f"{recipe}.onnx")

    @classmethod
    def siamese(cls, *words):
        """What the command prints."""
        run = subprocess.run([cls.command, *map(str, words)], cwd=cls.folder, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            raise AssertionError(run.stdout)
        return run.stdout

    def run_python(self, *words):
        run = subprocess.run([self.python, *map(str, words)], cwd=self.folder, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        return run.stdout

    def test_graphs_are_well_formed_and_no_decision_changes(self):
        for recipe in STEPS:
            self.siamese("embed", recipe, "--data", FACES, "--out", f"{recipe}.npy")
        self.run_python(HERE / "check_onnx.py", FACES, *STEPS)

    def test_the_python_of_the_documentation_gives_the_distances_of_siamese(self):
        text = (ROOT / "docs/onnx.md").read_text()
        program = Path(self.folder, "distance.py")
        program.write_text(re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1))
        for recipe in ("seed", "chopra2005", "orl-fast"):
            shutil.copy(Path(self.folder, f"{recipe}.onnx"), Path(self.folder, "model.onnx"))
            rows = Path(self.folder, recipe, "scores.csv").read_text().splitlines()[1:4]
            for a, b, _, distance in (row.split(",")[:4] for row in rows):
                found = float(self.run_python(program, FACES / a, FACES / b))
                self.assertAlmostEqual(found, float(distance), delta=2e-5 * max(1, float(distance)))

    def test_a_ready_network_of_the_size_of_resnet_50_gives_what_onnxruntime_gives(self):
        program = HERE / "resnet50.py"
        self.run_python(program, "make", self.folder)
        self.siamese("import", "resnet50.onnx", "--mean", "127.5", "--sd", "127.5", "--out", "resnet50.safetensors")
        self.siamese("embed", "resnet50.safetensors", "0.png", "1.png", "2.png", "--out", "vectors.npy")
        self.run_python(program, "check", self.folder)


if __name__ == "__main__":
    unittest.main()
