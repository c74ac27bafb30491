"""Time Pillow on what `cargo run --release -p image-stack --example folder` times here.

Usage: pillow_folder.py FOLDER [REPEATS]

Reads every .pgm file under FOLDER to one uint8 array [n, h, w], REPEATS times (default 30), and
prints the median in milliseconds: once in plain Python and once on a pool of threads.
Needs Pillow and NumPy.
"""

import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image


def load(path):
    with Image.open(path) as image:
        return np.asarray(image)


def median_ms(run, repeats):
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    paths = [str(path) for path in sorted(Path(sys.argv[1]).rglob("*.pgm"))]
    if not paths:
        sys.exit(f"no .pgm files under {sys.argv[1]}")
    repeats = int(sys.argv[2]) if len(sys.argv) == 3 else 30

    one = median_ms(lambda: np.stack([load(path) for path in paths]), repeats)
    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        many = median_ms(lambda: np.stack(list(pool.map(load, paths))), repeats)
    print(f"Pillow, {len(paths)} files, median of {repeats}: {one:.2f} ms")
    print(f"Pillow on {threads} threads: {many:.2f} ms")


if __name__ == "__main__":
    main()
