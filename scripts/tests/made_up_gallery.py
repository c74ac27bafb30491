"""Makes a gallery of any size, of people who do not exist and templates that no picture made. To measure a search.

    python3 scripts/tests/made_up_gallery.py SIAMESE GALLERY --model FILE [--people 100000] [--templates 1]

A person is enrolled with a made-up picture, the gallery is exported, the lines are multiplied with random vectors, and all is
imported.
"""

import argparse
import array
import json
import random
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from made_up_faces import make_set

CHUNK = 10


def random_values(draw, dimension, pool):
    """As many values, not all zero: random chunks in a random order."""
    values = array.array("f")
    while len(values) < dimension:
        values.extend(draw.choice(pool))
    return values[:dimension].tobytes()


def make(siamese, gallery, model, people, templates):
    """Writes the gallery file, which must not be there."""
    draw = random.Random(people)
    pool = [array.array("f", (draw.gauss(0, 1) for _ in range(CHUNK))) for _ in range(4096)]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "faces/one").mkdir(parents=True)
        (folder / "faces/one/1.pgm").write_bytes(make_set()["s1/1.pgm"])
        quiet = {"check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([siamese, "enroll", "--gallery", folder / "one.db", "--model", model, folder / "faces", "--quiet",
                        "--on-duplicate", "allow"], **quiet)
        out = folder / "out"
        subprocess.run([siamese, "gallery", "export", folder / "one.db", out, "--quiet"], **quiet)
        head = json.loads((out / "gallery.json").read_text())
        number, dimension = head["active"], head["generations"][0]["dimension"]
        person = json.loads((out / "people.jsonl").read_text())
        template = json.loads((out / f"templates-{number}.jsonl").read_text())
        with open(out / "people.jsonl", "w") as file:
            for at in range(1, people + 1):
                file.write(json.dumps(person | {"number": at, "uuid": str(uuid.UUID(int=at, version=4)), "external_id": f"made-up {at}"}) + "\n")
        with open(out / f"templates-{number}.jsonl", "w") as file:
            for at in range(people * templates):
                file.write(json.dumps(template | {"id": at + 1, "person": at // templates + 1, "picture": f"{at:064x}"}) + "\n")
        vectors = out / f"vectors-{number}.npy"
        header = vectors.read_bytes()[:128]
        shape = re.sub(rb"\(1, *(\d+)\)", b"(%d, %d)" % (people * templates, dimension), header[:-1].rstrip())
        with open(vectors, "wb") as file:
            file.write(shape.ljust(127) + b"\n")
            for _ in range(people * templates):
                file.write(random_values(draw, dimension, pool))
        head["last_numbers"] |= {"person": people, "template": people * templates}
        (out / "gallery.json").write_text(json.dumps(head))
        subprocess.run([siamese, "gallery", "import", out, gallery, "--quiet"], **quiet)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("siamese")
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--templates", type=int, default=1)
    args = parser.parse_args()
    make(args.siamese, args.gallery, args.model, args.people, args.templates)


if __name__ == "__main__":
    sys.exit(main())
