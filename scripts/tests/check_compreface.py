"""CompreFace's clients for Python and JavaScript, used as a program uses them, against a server of its own.

usage: check_compreface.py SIAMESE PYTHON [NODE_FOLDER]

PYTHON has what compreface_requirements.txt names, NODE_FOLDER what compreface_package.json names. People are made up.
"""

import math
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WIDTH, HEIGHT = 46, 56


def picture(draw, waves):
    """Waves that are the person, and a little noise that is the picture."""
    rows = bytearray(b"P5 %d %d 255\n" % (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            height = sum(math.sin(a * x / WIDTH + b * y / HEIGHT + c) * d for a, b, c, d in waves)
            rows.append(min(250, max(5, int(128 + 28 * height + draw.uniform(-8, 8)))))
    return bytes(rows)


def make_people(folder, people=5):
    draw = random.Random(5)
    for person in range(1, people + 1):
        waves = [(draw.uniform(-6, 6), draw.uniform(-6, 6), draw.uniform(0, 6.3), draw.uniform(0.3, 1.3)) for _ in range(6)]
        (folder / f"p{person}").mkdir(parents=True)
        for image in 1, 2:
            (folder / f"p{person}/{image}.pgm").write_bytes(picture(draw, waves))


def main():
    siamese, python, *node = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        make_people(folder / "people")
        keys = folder / "keys.json"
        made = subprocess.run([siamese, "keys", "add", "--keys", keys, "--scope", "enrol", "--gallery", "made-up"],
                              stdout=subprocess.PIPE, text=True, check=True)
        key = made.stdout.split()[-1]
        server = subprocess.Popen(
            [siamese, "serve", "--gallery", folder / "made-up.db", "--gallery", folder / "other.db", "--keys", keys,
             "--model", ROOT / "assets/demo.safetensors", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            port = server.stdout.readline().strip().rstrip("/").rsplit(":", 1)[1]
            subprocess.run([python, HERE / "compreface_client.py", port, key, folder / "people"], timeout=120, check=True)
            if node:
                # A program finds its packages beside itself.
                program = Path(node[0], "compreface_client.js")
                shutil.copy(HERE / "compreface_client.js", program)
                subprocess.run(["node", program, port, key], cwd=folder / "people", timeout=120, check=True)
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    main()
