"""The model in assets/ is the one whose SHA-256 stands beside it, and small enough to be carried."""

import hashlib
import json
import struct
import tomllib
import unittest
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
MOST_BYTES = 300_000


class DemoModel(unittest.TestCase):
    def setUp(self):
        self.model = (ASSETS / "demo.safetensors").read_bytes()

    def test_it_is_what_its_sum_says_and_small(self):
        sum_, name = (ASSETS / "demo.sha256").read_text().split()
        self.assertEqual((sum_, name), (hashlib.sha256(self.model).hexdigest(), "demo.safetensors"))
        self.assertLessEqual(len(self.model), MOST_BYTES)

    def test_it_was_trained_by_the_recipe_beside_it(self):
        (length,) = struct.unpack("<Q", self.model[:8])
        header = json.loads(self.model[8 : 8 + length])
        card = json.loads(header["__metadata__"]["siamese"])
        trained_by = tomllib.loads(card["recipe"])
        written = tomllib.loads((ASSETS / "demo.toml").read_text())
        # The folds measured its thresholds; it learnt from everybody in them.
        folds = written.pop("protocol")["name"]
        self.assertIn(folds, card["calibration"]["made"]["how"])
        self.assertEqual("everybody", trained_by["protocol"]["name"])
        for section, keys in written.items():
            if section == "encoder":
                # The model's recipe spells out what each layer takes by default.
                self.assertEqual(len(keys["layers"]), len(trained_by[section]["layers"]))
                continue
            if not isinstance(keys, dict):
                self.assertEqual(trained_by[section], keys, section)
                continue
            for key, value in keys.items():
                found = trained_by[section][key]
                if isinstance(value, dict):
                    found = {inner: found[inner] for inner in value}
                self.assertEqual(found, value, f"{section}.{key}")


if __name__ == "__main__":
    unittest.main()
