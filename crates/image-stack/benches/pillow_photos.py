"""Time whole processes that read 20 photos of 12 megapixels to one array [20, 112, 112]: Pillow, and this crate.

Usage: pillow_photos.py PROGRAM [REPEATS]

PROGRAM is what `cargo build --release -p image-stack --example photos` builds. Makes the photos in a temporary folder:
soft light, discs and grain, quality 85, 4:2:0, baseline and progressive. The processes take turns, REPEATS times
(default 7) after one turn that does not count; medians are printed, and how they relate to Pillow's `draft`.
Needs Pillow and NumPy.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FILES, WIDTH, HEIGHT, SIDE = 20, 4000, 3000, 112


def write_photos(folder):
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for kind in ("baseline", "progressive"):
        (folder / kind).mkdir()
    for number in range(FILES):
        light = [x / (300 + 9 * number) + y / 500, x / 410 - y / 270, (x + y) / 800]
        picture = 128 + 90 * np.sin(np.stack(light, -1, dtype=np.float32))
        for _ in range(30):
            column, row, radius = random.integers((WIDTH, HEIGHT, 400))
            picture[(x - column) ** 2 + (y - row) ** 2 < radius**2] = random.integers(0, 255, 3)
        picture += random.normal(0, 3, (HEIGHT, WIDTH, 1)).astype(np.float32)
        photo = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
        for kind in ("baseline", "progressive"):
            photo.save(folder / kind / f"{number}.jpg", quality=85, progressive=kind == "progressive")


def read_with_pillow(folder, draft):
    import numpy as np
    from PIL import Image

    def read(path):
        with Image.open(path) as image:
            if draft:
                image.draft("L", (SIDE, SIDE))
            return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        print(np.stack(list(pool.map(read, sorted(Path(folder).glob("*.jpg"))))).shape)


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main():
    if len(sys.argv) == 3 and sys.argv[1] in ("full", "draft"):
        return read_with_pillow(sys.argv[2], sys.argv[1] == "draft")
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    repeats = int(sys.argv[2]) if len(sys.argv) == 3 else 7
    with tempfile.TemporaryDirectory() as folder:
        write_photos(Path(folder))
        for kind in ("baseline", "progressive"):
            photos = f"{folder}/{kind}"
            commands = {
                "Pillow, full": [sys.executable, __file__, "full", photos],
                "Pillow, draft": [sys.executable, __file__, "draft", photos],
                "image-stack, exact": [sys.argv[1], photos, "exact"],
                "image-stack, fast": [sys.argv[1], photos, "fast"],
                # What Pillow's processes need before they read the first photo.
                "Python alone": [sys.executable, "-c", "import numpy, PIL.Image"],
            }
            times = {name: [] for name in commands}
            for _ in range(repeats + 1):
                for name, command in commands.items():
                    times[name].append(seconds(command))
            medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}
            for name, median in medians.items():
                ratio = median / medians["Pillow, draft"]
                print(f"{kind}: {name}: {median:.3f} s, {ratio:.2f} of Pillow with draft")


if __name__ == "__main__":
    main()
