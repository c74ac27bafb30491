"""Load on a server of its own: throughput, times and memory of `identify`, and what comes before the first answer.

usage: load_serve.py SIAMESE [--seconds N] [--connections N] [--people N] [--model FILE] [--cold]

People and pictures are made up (made_up_gallery.py, made_up_faces.py). The client runs on the same machine, and takes its share
of the processor. Fails where an answer is none of 200 and 503, or memory grows by more than a tenth and 20 MiB.

With --cold it measures, in place of load: the time from the start of the program until /readyz says 200, and the time of one
`identify` after another.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from made_up_faces import make_set
from made_up_gallery import make
from serving import Asker, Site, at_once, quantile_ms, wait_ready

ROOT = Path(__file__).resolve().parent.parent.parent
IDENTIFY = "/v1/galleries/load/identify"


def load(site, pictures, connections, seconds):
    """Asks on so many connections; what was answered, how fast, and memory in MiB at a quarter of the time and at its end."""
    times, statuses, lock = [], {}, threading.Lock()
    until = time.monotonic() + seconds
    early = []

    def watch():
        time.sleep(seconds / 4)
        early.append(site.resident_mib())

    def ask(turn):
        if turn == connections:
            return watch()
        asker = Asker(site.place)
        while time.monotonic() < until:
            turn += 1
            begun = time.perf_counter()
            status, _ = asker.send(IDENTIFY, [pictures[turn % len(pictures)]])
            with lock:
                times.append(time.perf_counter() - begun)
                statuses[status] = statuses.get(status, 0) + 1
        asker.close()

    at_once(connections + 1, ask)
    return sorted(times), statuses, early[0], site.resident_mib()


def under_load(args, folder, pictures):
    site = Site(args.siamese, "--gallery", folder / "load.db", "--rate", "0")
    try:
        times, statuses, early, late = load(site, pictures, args.connections, args.seconds)
    finally:
        ended = site.stop()
    print(f"{args.connections} connections, {args.people:,} people, {args.seconds:.0f} s: {len(times) / args.seconds:.0f} answers a second, "
          f"p50 {quantile_ms(times, 0.5):.1f} ms, p99 {quantile_ms(times, 0.99):.1f} ms; statuses {statuses}; "
          f"memory {early:.0f} MiB after a quarter of the time, {late:.0f} MiB at the end")
    return int(bool(set(statuses) - {200, 503} or 200 not in statuses or late > 1.1 * early + 20 or ended != 0))


def cold(args, folder, pictures):
    starts, spent, times = [], [], []
    for _ in range(5):
        begun = time.perf_counter()
        site = Site(args.siamese, "--gallery", folder / "load.db", "--rate", "0")
        wait_ready(site.place)
        starts.append(time.perf_counter() - begun)
        spent.append(site.processor_s())
        asker = Asker(site.place)
        for turn in range(220):
            begun = time.perf_counter()
            status, _ = asker.send(IDENTIFY, [pictures[turn % len(pictures)]])
            times += [time.perf_counter() - begun] if turn >= 20 else []
            if status != 200:
                return 1
        asker.close()
        site.stop()
    times.sort()
    print(f"{args.people:,} people: ready {statistics.median(starts):.3f} s after the start (slowest of 5: {max(starts):.3f} s; on the processor {statistics.median(spent):.2f} s); "
          f"identify p50 {quantile_ms(times, 0.5):.1f} ms, p99 {quantile_ms(times, 0.99):.1f} ms (1,000 on one connection)")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("siamese")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--model", type=Path, default=ROOT / "assets/demo.safetensors")
    parser.add_argument("--cold", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        make(args.siamese, folder / "load.db", args.model, args.people, 1)
        pictures = list(make_set().values())[:100]
        return cold(args, folder, pictures) if args.cold else under_load(args, folder, pictures)


if __name__ == "__main__":
    sys.exit(main())
