"""Measures exact search beside faiss-cpu's flat index: the same vectors, in the same run, in turn.

    python3 -m venv /tmp/faiss && /tmp/faiss/bin/pip install faiss-cpu numpy
    cargo build --release -p gallery --example search_npy
    /tmp/faiss/bin/python crates/gallery/benches/faiss_flat.py [--vectors N] [--dimension D] [--rounds R]

Vectors and queries are random directions. Each round asks both for the ten nearest to one query, and to 64 at once;
faiss on one thread and on all. The least time of all rounds stands for each, as other work on the machine only
ever adds to it. The ids are compared: where they differ, the scores say whether it is a tie in single precision,
which faiss computes in.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

NEAREST = 10


def directions(rng, count, dimension):
    vectors = rng.standard_normal((count, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def differing(ours, theirs, vectors, queries):
    """How many of the ids found differ, and by how much the scores do where they do."""
    count, gap = 0, 0.0
    for query, our, their in zip(queries.astype(np.float64), ours, theirs):
        for a, b in zip(our, their):
            if a != b:
                count += 1
                gap = max(gap, abs(float(query @ vectors[a]) - float(query @ vectors[b])))
    return count, gap


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--program", default="target/release/examples/search_npy")
    options = parser.parse_args()

    rng = np.random.default_rng(1)
    vectors = directions(rng, options.vectors, options.dimension)
    queries = directions(rng, 64, options.dimension)
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder, name)) for name in ("vectors.npy", "queries.npy")]
        np.save(paths[0], vectors)
        np.save(paths[1], queries)
        ours = subprocess.Popen([options.program, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not ours.stdout.readline():
            sys.exit(f"{options.program} has ended")
    index = faiss.IndexFlatIP(options.dimension)
    index.add(vectors)

    threads = sorted({1, os.cpu_count()})
    print(f"{options.vectors} x {options.dimension}, {os.cpu_count()} cores, faiss {faiss.__version__}, "
          f"load {os.getloadavg()[0]:.1f}; least time (median) of {options.rounds} rounds")
    for count in (1, 64):
        times = {name: [] for name in ["gallery", *threads]}
        for _ in range(options.rounds):
            for number in threads:
                faiss.omp_set_num_threads(number)
                start = time.perf_counter()
                _, theirs = index.search(queries[:count], NEAREST)
                times[number].append((time.perf_counter() - start) * 1e3)
            ours.stdin.write(f"{count}\n")
            ours.stdin.flush()
            answer = json.loads(ours.stdout.readline())
            times["gallery"].append(answer["ms"])
        said = {name: f"{min(values):.1f} ms ({np.median(values):.1f})" for name, values in times.items()}
        best = min(min(times[number]) for number in threads)
        differs, gap = differing(answer["ids"], theirs, vectors, queries)
        print(f"{count:3} queries: gallery {said['gallery']}, "
              + ", ".join(f"faiss on {number} threads {said[number]}" for number in threads)
              + f"; {min(times['gallery']) / best:.2f} of the best; "
              f"{differs} of {count * NEAREST} ids differ, by at most {gap:.1e} in score", flush=True)
    ours.stdin.close()
    ours.wait()


if __name__ == "__main__":
    main()
