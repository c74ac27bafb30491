"""Runs exported models: check_onnx.py FACES NAME..., in a folder with NAME.onnx, NAME.npy and NAME.csv of each.

Needs what onnx_requirements.txt names. Each graph must be well formed, and give the embeddings of the .npy file within
2e-5 a component of a unit vector, and no other decision on any pair of the faces. A threshold is the distance of some
training pair, and that pair falls on either side of it by rounding alone: pairs within 1e-5 of it do not count.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from PIL import Image

TOLERANCE = 2e-5
ROUNDING = 1e-5


def embeddings(session, images):
    """In parts, as the views of all images are held at once."""
    parts = [session.run(["embeddings"], {"images": images[at:at + 50]})[0] for at in range(0, len(images), 50)]
    return np.concatenate(parts)


def distances(metric, x):
    """Of all rows from all rows, in f64."""
    x = x.astype(np.float64)
    if metric == "cosine":
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        return 1 - x @ x.T
    if metric == "l1":
        return np.array([np.abs(x - row).sum(axis=1) for row in x])
    return np.array([np.linalg.norm(x - row, axis=1) for row in x])


def check(faces, name, options):
    onnx.checker.check_model(f"{name}.onnx", full_check=True)
    session = onnxruntime.InferenceSession(f"{name}.onnx", options)
    about = json.loads(session.get_modelmeta().custom_metadata_map["siamese"])
    paths = [line.rsplit(",", 1)[0] for line in Path(f"{name}.csv").read_text().splitlines()[1:]]
    taken = about["images"]
    images = []
    for path in paths:
        image = Image.open(faces / path)
        if "stride" in taken["resize"]:
            pixels = np.asarray(image)[:: taken["resize"]["stride"], :: taken["resize"]["stride"]]
        else:
            # The sides of the faces are those of the recipe, or twice those.
            pixels = np.asarray(image.reduce(image.height // taken["height"]))
        images.append(pixels[None])
    images = np.stack(images)
    expected, found = np.load(f"{name}.npy"), embeddings(session, images)
    length = np.linalg.norm(expected, axis=1, keepdims=True)
    off = float((np.abs(found - expected) / np.maximum(length, 1)).max())
    threshold, metric = about["threshold"]["value"], about["contract"]["metric"]
    expected, found = (distances(metric, x) for x in (expected, found))
    apart = np.abs(expected - threshold) > ROUNDING * max(1, threshold)
    changed = int((apart & ((expected < threshold) != (found < threshold))).sum()) // 2
    print(f"{name}: {off:.1e} off at most, {changed} of {len(paths) * (len(paths) - 1) // 2} decisions changed")
    return off <= TOLERANCE and changed == 0


def main(faces, *names):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return 0 if all([check(Path(faces), name, options) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
