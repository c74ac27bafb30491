"""What check_cuda.sh does, once there is a program: see `scripts/check_cuda.sh --help`."""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

# Exit code of a training that was interrupted and has saved what it had.
INTERRUPTED = 130
# How far the loss of an epoch may be from that of a training that nobody interrupted, as a share of it: sums of floats on a GPU
# have no fixed order.
RESUMED = 0.05

RESNET = """
name = "resnet-18"
[encoder]
input = [3, 112, 112]
init = "he-normal"
layers = [
  { conv = 64, kernel = 7, stride = 2, padding = 3, bias = false }, "batch_norm", "relu", { max_pool = 2 },
%s
  "global_avg_pool", { dense = 128 }, "l2_normalise",
]
[data]
mean = 0.45
sd = 0.25
[batches]
people = 16
images = 4
per_epoch = 20
[loss]
kind = "proxy-anchor"
[optimizer]
kind = "adamw"
lr = 1e-3
[train]
epochs = 4
keep = "last"
[protocol]
name = "k-fold:4"
"""


def resnet():
    """ResNet-18 (He et al. 2015) for 112x112 in colour, as a recipe."""
    blocks = []
    for channels, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for step in (stride, 1):
            project = ", projection = true" if step == 2 else ""
            blocks.append(
                "  { residual = [{ conv = %d, kernel = 3, stride = %d, padding = 1, bias = false }, 'batch_norm', 'relu', "
                "{ conv = %d, kernel = 3, padding = 1, bias = false }, 'batch_norm']%s }, 'relu',"
                % (channels, step, channels, project))
    return RESNET % "\n".join(blocks)


def make_people(folder, people, images, width, height, channels):
    """Pictures of a pattern each, with noise: what they show changes no time."""
    draw = random.Random(5)
    kind = b"P6" if channels == 3 else b"P5"
    for person in range(people):
        own = folder / f"s{person + 1}"
        own.mkdir(parents=True)
        pattern = draw.randbytes(width * height * channels)
        for image in range(images):
            noise = draw.randbytes(width * height * channels)
            pixels = bytes((3 * a + b) // 4 for a, b in zip(pattern, noise))
            suffix = "ppm" if channels == 3 else "pgm"
            (own / f"{image + 1}.{suffix}").write_bytes(b"%s\n%d %d\n255\n" % (kind, width, height) + pixels)


class Busy:
    """How busy a GPU is, in percent, from `nvidia-smi`, twice a second until the block ends."""

    def __enter__(self):
        self.percent, self.mib = [], []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        if shutil.which("nvidia-smi"):
            self.thread.start()
        return self

    def watch(self):
        while not self.done.wait(0.5):
            said = subprocess.run(
                ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"],
                capture_output=True, text=True)
            for line in said.stdout.splitlines()[:1]:
                percent, mib = line.split(",")
                self.percent.append(float(percent))
                self.mib.append(float(mib))

    def __exit__(self, *_):
        self.done.set()
        if self.thread.is_alive():
            self.thread.join()

    def found(self):
        if not self.percent:
            return {"gpu_percent": None, "gpu_mib": None}
        return {"gpu_percent": statistics.median(self.percent), "gpu_mib": max(self.mib)}


class Check:
    def __init__(self, program, device, quick, folder):
        self.program, self.device, self.quick, self.folder = program, device, quick, folder
        self.failed = []

    def siamese(self, *arguments, env=None):
        command = [self.program, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env={**os.environ, **(env or {})})

    def fail(self, what):
        self.failed.append(what)
        print(f"FAILED: {what}", flush=True)

    def compared(self, tf32):
        """The cases of `siamese doctor --compare`."""
        said = self.siamese("doctor", "--compare", self.device, "--json", env=None if tf32 else {"NVIDIA_TF32_OVERRIDE": "0"})
        try:
            found = json.loads(said.stdout)
        except ValueError:
            self.fail(f"siamese doctor --compare {self.device}: {said.stderr.strip()}")
            return None
        far = [f"{case['kind']} {case['name']}" for case in found["cases"] if not holds(case)]
        print(f"{len(found['cases'])} cases compared with the CPU{', TF32 allowed' if tf32 else ''}; "
              f"further off than their bounds: {', '.join(far) or 'none'}", flush=True)
        # With TF32 the bounds are not those of what is computed: it only says how much it does.
        if far and not tf32:
            self.fail("cases are further off than their bounds")
        return found

    def history(self, run):
        path = self.folder / run / "history.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def train(self, recipe, data, out, *more):
        return [self.program, "train", recipe, "--data", data, "--out", out, "--device", self.device, "--no-report", *more]

    def resumed(self):
        """The losses of a training that is interrupted, beside one that is not."""
        epochs = ["--set", "train.epochs=6"]
        whole = self.siamese(*self.train("orl-fast", "grey", "whole", *epochs)[1:])
        if whole.returncode:
            return self.fail(f"siamese train orl-fast: {whole.stderr.strip()}")
        process = subprocess.Popen(self.train("orl-fast", "grey", "cut", *epochs), cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 120
        while len(self.history("cut")) < 2 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        before = len(self.history("cut"))
        if process.returncode != INTERRUPTED:
            return self.fail(f"an interrupted training ended with {process.returncode}: {said.strip()}")
        said = self.siamese("train", "--resume", "cut", "--device", self.device, "--no-report")
        if said.returncode:
            return self.fail(f"siamese train --resume: {said.stderr.strip()}")
        losses = [[epoch["loss"] for epoch in self.history(run)] for run in ("whole", "cut")]
        apart = max(abs(a - b) / abs(a) for a, b in zip(*losses))
        if len(losses[0]) != len(losses[1]) or apart > RESUMED:
            self.fail(f"an interrupted training does not go on as it would have: {losses}")
        print(f"interrupted after {before} of 6 epochs and gone on with: losses differ by {apart:.1e} at most", flush=True)
        return {"epochs_before": before, "largest_difference": apart}

    def throughput(self, name, recipe, data, images, *more):
        """Images that a step takes, a second: the median over epochs but the first."""
        out = f"fast-{name}"
        with Busy() as busy:
            said = self.siamese(*self.train(recipe, data, out, *more)[1:])
        if said.returncode:
            self.fail(f"siamese train {name}: {said.stderr.strip()}")
            return None
        seconds = [epoch["seconds"] for epoch in self.history(out)]
        rate = images / statistics.median(seconds[1:] or seconds)
        found = {"images_a_second": rate, "seconds_of_epochs": seconds, **busy.found()}
        print(f"{name}: {rate:,.0f} images a second; GPU busy {found['gpu_percent']} %, {found['gpu_mib']} MiB", flush=True)
        return found


def holds(case):
    bounds = case["bounds"]
    pairs = [("first_loss", "first_loss"), ("later_loss", "later_loss"), ("resumed_loss", "later_loss"), ("embedding", "embedding")]
    # What is no number is written as null.
    return all(case[name] is not None and case[name] <= bounds[bound] for name, bound in pairs)


def main():
    parser = argparse.ArgumentParser(prog="check_cuda.sh")
    parser.add_argument("program")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--out", type=Path, default=Path("cuda-check.json"))
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        check = Check(args.program, args.device, args.quick, folder)
        doctor = check.siamese("doctor", "--json")
        if doctor.returncode:
            sys.exit(f"{args.program} does not run: {doctor.stderr.strip()}")
        machine = json.loads(doctor.stdout)
        if machine["libtorch"] is None:
            sys.exit(f"{args.program} was built without the feature train")
        if args.device != "cpu" and machine["cuda_devices"] == 0:
            sys.exit(f"no CUDA device: {machine['why_no_cuda']}")
        make_people(folder / "grey", 40, 10, 92, 112, 1)
        epochs = 2 if args.quick else 6
        report = {
            "machine": machine,
            "device": args.device,
            "compared": check.compared(tf32=False),
            "compared_with_tf32": None if args.device == "cpu" else check.compared(tf32=True),
            "resumed": check.resumed(),
            "throughput": {
                # Pairs of two images.
                "seed": check.throughput("seed", "seed", "grey", 2 * 11250, "--set", f"train.epochs={epochs}"),
            },
        }
        if not args.quick:
            report["throughput"]["orl-best"] = check.throughput(
                "orl-best", "orl-best", "grey", 6 * 16 * 5 * 20, "--set", f"train.epochs={epochs}")
            make_people(folder / "colour", 40, 8, 112, 112, 3)
            (folder / "resnet.toml").write_text(resnet())
            report["throughput"]["resnet-18"] = check.throughput(
                "resnet-18", "resnet.toml", "colour", 16 * 4 * 20, "--set", f"train.epochs={epochs}")
    report["seconds"] = time.monotonic() - begun
    report["failed"] = check.failed
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(f"{'FAILED' if check.failed else 'passed'} in {report['seconds']:.0f} s; {args.out} says all of it")
    sys.exit(bool(check.failed))


if __name__ == "__main__":
    main()
