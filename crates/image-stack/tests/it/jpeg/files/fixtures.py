"""Writes the JPEG files of this folder, of kinds that the `image` crate does not write. Needs Pillow and NumPy.

    python fixtures.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 37, 29


def picture(mode):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([4 * x + 40, 8 * y, 255 - 3 * (x + y), 50 + 3 * x + y], -1).astype(np.uint8)
    if mode == "CMYK":
        return Image.fromarray(planes, mode)
    return Image.fromarray(planes[:, :, :3]).convert(mode)


FILES = {
    "progressive": ("RGB", {"progressive": True}),
    "progressive-444": ("RGB", {"progressive": True, "subsampling": 0}),
    "progressive-restarts": ("RGB", {"progressive": True, "restart_marker_blocks": 2}),
    "progressive-grey": ("L", {"progressive": True}),
    "420": ("RGB", {}),
    "422": ("RGB", {"subsampling": 1}),
    "restarts": ("RGB", {"restart_marker_blocks": 2}),
    "rgb": ("RGB", {"keep_rgb": True}),
    "cmyk": ("CMYK", {"quality": 95, "subsampling": 0}),
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, (mode, options) in FILES.items():
        path = Path(sys.argv[1]) / f"{name}.jpg"
        picture(mode).save(path, "JPEG", **{"quality": 60, "optimize": True, **options})


if __name__ == "__main__":
    main()
