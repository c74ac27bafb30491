"""Milliseconds an image on one thread: siamese-infer, libtorch, onnxruntime and PyTorch, taking turns.

usage: engines.py [--rounds N] [--seconds S] [--only NAME]

Builds what it needs in release, exports each model to ONNX, and lets the engines take turns: in each round each of them
runs for some seconds in a process of its own, and gives the median of its runs. Prints the medians over the rounds, and what
siamese-infer takes as a multiple of onnxruntime.
Then the time from nothing to the first answer, likewise.

Needs numpy and onnxruntime; PyTorch is measured where it can be imported. On Linux with a C compiler and a processor that
knows cpuid_fault, onnxruntime is measured without AVX-512 as well (without_avx512.c).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
NETWORKS = ["orl-fast", "orl-best", "resnet-18"]
BATCHES = [1, 64]
LEAST_RUNS = 5


def median_time(run, batch, seconds):
    run()
    times, end = [], time.perf_counter() + seconds
    while len(times) < LEAST_RUNS or time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1e3 / batch)
    return statistics.median(times)


def onnxruntime_time(model, batch, seconds):
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0]
    images = numpy.random.default_rng(1).integers(0, 256, [batch, *taken.shape[1:]], dtype=numpy.uint8)
    return median_time(lambda: session.run(None, {taken.name: images}), batch, seconds)


def onnxruntime_start(model):
    """Seconds to load the library and the model, and to embed two images; Python and numpy are there before."""
    import numpy

    begin = time.perf_counter()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0]
    images = numpy.zeros([2, *taken.shape[1:]], dtype=numpy.uint8)
    session.run(None, {taken.name: images})
    return time.perf_counter() - begin


def pytorch_time(network, batch, seconds):
    import torch
    from torch import nn

    class Residual(nn.Module):
        def __init__(self, before, channels, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(before, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
                nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels),
            )
            self.side = nn.Identity() if stride == 1 else nn.Conv2d(before, channels, 1, stride, bias=False)

        def forward(self, images):
            return torch.relu(self.body(images) + self.side(images))

    def resnet_18():
        blocks, before = [], 64
        for channels in [64, 128, 256, 512]:
            for stride in [1 if channels == before else 2, 1]:
                blocks.append(Residual(before, channels, stride))
                before = channels
        return nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True),
            *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 512),
        )

    def orl_fast():
        return nn.Sequential(
            nn.Conv2d(1, 8, 5, 2, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(16, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Flatten(), nn.Linear(32 * 14 * 12, 128, bias=False),
        )

    torch.set_num_threads(1)
    nets = {"resnet-18": (resnet_18, [3, 112, 112], 1), "orl-fast": (orl_fast, [1, 56, 46], 2)}
    make, sides, views = nets[network]
    net = make().eval().to(memory_format=torch.channels_last)
    images = torch.randint(0, 256, [batch, *sides], dtype=torch.uint8)

    def run():
        # The mirror image is a second view of orl-fast; whitening is left out.
        x = images.float() / 255
        x = torch.cat([x, x.flip(3)]) if views == 2 else x
        x = (x - x.mean((1, 2, 3), keepdim=True)) / (x.std((1, 2, 3), keepdim=True) + 1e-5)
        out = net(x.contiguous(memory_format=torch.channels_last))
        return nn.functional.normalize(nn.functional.normalize(out).view(views, batch, -1).mean(0))

    with torch.inference_mode():
        return median_time(run, batch, seconds)


def says(command, **environment):
    """What a command prints, as a number."""
    out = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    return float(out.stdout.split()[-1])


def again(what, *args, **environment):
    return says([sys.executable, __file__, "--one", what, *map(str, args)], **environment)


def without_avx512(folder):
    """Settings under which a program sees no AVX-512, or nothing where that cannot be had."""
    library = pathlib.Path(folder, "without_avx512.so")
    made = subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "without_avx512.c"], capture_output=True)
    if made.returncode == 0:
        tried = subprocess.run(["true"], env={**os.environ, "LD_PRELOAD": str(library)}, capture_output=True)
        if tried.returncode == 0 and not tried.stderr:
            return {"LD_PRELOAD": str(library)}
    return None


def build(folder):
    cargo = ["cargo", "--config", "term.quiet=true"]
    models = {**os.environ, "SIAMESE_BENCH_MODELS": folder}
    subprocess.run([*cargo, "build", "--release", "--locked", "-p", "siamese-model", "--example", "engine_time"], cwd=ROOT, check=True)
    subprocess.run([*cargo, "build", "--release", "--locked", "-p", "siamese-cli", "--no-default-features"], cwd=ROOT, check=True)
    # A filter that no benchmark matches: the models are made and nothing is measured.
    subprocess.run([*cargo, "bench", "--locked", "-p", "siamese-model", "--bench", "engines", "--", "no such"], cwd=ROOT, check=True,
                   env=models, stdout=subprocess.DEVNULL)
    found = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"], cwd=ROOT, check=True, capture_output=True)
    release = pathlib.Path(json.loads(found.stdout)["target_directory"], "release")
    return release / "examples" / "engine_time", release / "siamese"


def can_import(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode == 0


def engines_of(network, batch, seconds, program, model, graph, hidden):
    """Each engine by name, as something to call for a median."""
    infer = lambda by: lambda: says([program, model, by, str(batch), str(seconds)])
    listed = subprocess.run([program, model, "none", "1", "1"], capture_output=True, text=True).stderr
    known = [name for name in ["AVX-512", "AVX2", "NEON", "portable"] if name in listed]
    engines = {f"siamese-infer, {name}": infer(name) for name in known}
    engines["libtorch"] = infer("libtorch")
    engines["onnxruntime"] = lambda: again("onnxruntime", graph, batch, seconds)
    if hidden:
        engines["onnxruntime without AVX-512"] = lambda: again("onnxruntime", graph, batch, seconds, **hidden)
    if network != "orl-best" and can_import("torch"):
        engines["PyTorch, channels last"] = lambda: again("pytorch", network, batch, seconds)
    return engines


def first_answer(siamese, model, sides, folder):
    """Seconds of a whole `siamese embed` of two images, from nothing to the vectors."""
    images = pathlib.Path(folder, "two-" + "x".join(map(str, sides)))
    images.mkdir(exist_ok=True)
    channels, height, width = sides
    for number in range(2):
        pixels = bytes((number * 71 + place * 7) % 251 for place in range(channels * height * width))
        magic = {1: "P5", 3: "P6"}[channels]
        pathlib.Path(images, f"{number}.{'pgm' if channels == 1 else 'ppm'}").write_bytes(f"{magic} {width} {height} 255\n".encode() + pixels)
    out = pathlib.Path(folder, "vectors.npy")
    begin = time.perf_counter()
    subprocess.run([siamese, "embed", model, images, "--out", out, "--threads", "1", "--force"], check=True, capture_output=True)
    return time.perf_counter() - begin


def one(what, *args):
    if what == "onnxruntime":
        print(onnxruntime_time(args[0], int(args[1]), float(args[2])))
    elif what == "start":
        print(onnxruntime_start(args[0]))
    else:
        print(pytorch_time(args[0], int(args[1]), float(args[2])))


def main():
    if sys.argv[1:2] == ["--one"]:
        return one(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--only", choices=NETWORKS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program, siamese = build(folder)
        hidden = without_avx512(folder)
        for network in [asked.only] if asked.only else NETWORKS:
            model, graph = f"{folder}/{network}.safetensors", f"{folder}/{network}.onnx"
            subprocess.run([siamese, "export", model, "--onnx", graph], check=True, capture_output=True)
            for batch in BATCHES:
                engines = engines_of(network, batch, asked.seconds, program, model, graph, hidden)
                times = {name: [] for name in engines}
                for _ in range(asked.rounds):
                    for name, engine in engines.items():
                        times[name].append(engine())
                print(f"{network}, {batch} at a time (load {os.getloadavg()[0]:.1f})")
                medians = {name: statistics.median(found) for name, found in times.items()}
                for name, median in medians.items():
                    peer = "onnxruntime without AVX-512" if name.endswith("AVX2") else "onnxruntime"
                    ratio = f"  {median / medians[peer]:.2f} of {peer}" if name.startswith("siamese") and peer in medians else ""
                    print(f"  {name:32} {median:8.3f} ms ({min(times[name]):.3f} to {max(times[name]):.3f}){ratio}")
            sides = {"orl-fast": [1, 56, 46], "orl-best": [1, 112, 92], "resnet-18": [3, 112, 112]}[network]
            starts = [(first_answer(siamese, model, sides, folder), again("start", graph)) for _ in range(max(asked.rounds, 9))]
            ours, theirs = (statistics.median(column) for column in zip(*starts))
            print(f"{network}, from nothing to two embeddings: siamese {1e3 * ours:.1f} ms, onnxruntime {1e3 * theirs:.1f} ms: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
