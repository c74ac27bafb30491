"""Makes people who do not exist: each is two people of the AT&T faces, blended. To try a gallery of some size.

    python3 scripts/made_up_people.py OUT [--people 500] [--images 5] [--faces datasets/orl_faces]
"""

import argparse
import itertools
import random
from pathlib import Path

WIDTH, HEIGHT = 92, 112


def pixels(path):
    data = path.read_bytes()
    return data[len(data) - WIDTH * HEIGHT:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--images", type=int, default=5)
    parser.add_argument("--faces", type=Path, default=Path("datasets/orl_faces"))
    args = parser.parse_args()
    draw = random.Random(7)
    pairs = list(itertools.combinations(range(1, 41), 2))
    draw.shuffle(pairs)
    if not 1 <= args.people <= len(pairs) or not 1 <= args.images <= 10:
        parser.error(f"expected 1 to {len(pairs)} people and 1 to 10 images of each")
    for number, pair in enumerate(pairs[:args.people], 1):
        folder = args.out / f"m{number:03}"
        folder.mkdir(parents=True)
        for image in range(1, args.images + 1):
            one, other = (pixels(args.faces / f"s{person}" / f"{image}.pgm") for person in pair)
            blend = bytes((a + b) // 2 for a, b in zip(one, other))
            (folder / f"{image}.pgm").write_bytes(b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT) + blend)


if __name__ == "__main__":
    main()
