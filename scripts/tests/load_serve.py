"""Load on a server of its own: throughput, times and memory of `identify`.

usage: load_serve.py SIAMESE [--seconds N] [--connections N] [--model FILE]

People are made up (made_up_faces.py). Fails where an answer is none of 200 and 503, or memory grows by more than half.
"""

import argparse
import http.client
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from made_up_faces import make_set

ROOT = Path(__file__).resolve().parent.parent.parent


def resident_mib(process):
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def form(picture):
    return (b"--cut\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"x\"\r\n\r\n" + picture + b"\r\n--cut--\r\n",
            {"Content-Type": "multipart/form-data; boundary=cut"})


def ask(address, pictures, until, times, statuses, lock):
    connection = http.client.HTTPConnection(address, timeout=60)
    turn = 0
    while time.monotonic() < until:
        body, headers = form(pictures[turn % len(pictures)])
        turn += 1
        begun = time.perf_counter()
        connection.request("POST", "/v1/galleries/load/identify", body, headers)
        answer = connection.getresponse()
        answer.read()
        with lock:
            times.append(time.perf_counter() - begun)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("siamese")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--model", type=Path, default=ROOT / "assets/demo.safetensors")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faces, gallery = Path(folder, "faces"), Path(folder, "load.db")
        for name, picture in make_set().items():
            path = faces / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        enrolled = subprocess.run([args.siamese, "enroll", "--gallery", gallery, "--model", args.model, faces, "--quiet",
                                   "--on-duplicate", "allow"], stdout=subprocess.DEVNULL, check=False)
        if enrolled.returncode not in (0, 1):
            return enrolled.returncode
        pictures = [path.read_bytes() for path in sorted(faces.glob("*/*"))[:100]]
        server = subprocess.Popen([args.siamese, "serve", "--gallery", gallery, "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().split("//")[1].strip().rstrip("/")
            times, statuses, lock = [], {}, threading.Lock()
            until = time.monotonic() + args.seconds
            threads = [threading.Thread(target=ask, args=(address, pictures, until, times, statuses, lock))
                       for _ in range(args.connections)]
            for thread in threads:
                thread.start()
            time.sleep(args.seconds / 4)
            early = resident_mib(server.pid)
            for thread in threads:
                thread.join()
            late = resident_mib(server.pid)
        finally:
            server.terminate()
            ended = server.wait(60)
    times.sort()
    at = lambda share: 1000 * times[min(int(share * len(times)), len(times) - 1)]
    print(f"{args.connections} connections, {len(times) / args.seconds:.0f} answers a second, "
          f"p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms; statuses {statuses}; memory {early:.0f} MiB, then {late:.0f} MiB")
    wrong = set(statuses) - {200, 503} or 200 not in statuses or late > 1.5 * early + 20 or ended != 0
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
