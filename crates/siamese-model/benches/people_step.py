#!/usr/bin/env python3
"""The step of benches/people_step.rs in PyTorch, beside ours, taking turns.

usage: people_step.py BINARY [ROUNDS]

BINARY is what `cargo bench -p siamese-model --bench people_step --no-run` built. Prints the median of each step in milliseconds,
on one thread and on two. PyTorch has less to do: of the augmentation it only moves the images, and it keeps no mean of the
weights.
"""
import re
import statistics
import subprocess
import sys
import time

PEOPLE, IMAGES, OF_EACH = 32, 4, 20
SUBJECTS = 136
STEPS, WARM_UP = 60, 5


def network(torch):
    nn = torch.nn
    convolution = lambda i, o, side, stride: nn.Conv2d(i, o, side, stride, side // 2, bias=False)
    return nn.Sequential(
        convolution(1, 16, 5, 2), nn.BatchNorm2d(16), nn.ReLU(),
        convolution(16, 32, 3, 1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        convolution(32, 64, 3, 1), nn.BatchNorm2d(64), nn.ReLU(),
        nn.Flatten(), nn.Linear(64 * 13 * 13, 128, bias=False),
    )


def peer(threads, channels_last):
    """Runs the steps in this process, and prints their median."""
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    order = torch.channels_last if channels_last else torch.contiguous_format
    net = network(torch).to(memory_format=order)
    proxies = torch.nn.Parameter(torch.randn(SUBJECTS, 128))
    optimizer = torch.optim.AdamW([*net.parameters(), proxies], lr=2e-3, weight_decay=5e-4)
    pixels = torch.randint(0, 256, (SUBJECTS * OF_EACH, 1, 50, 50), dtype=torch.uint8)
    times = []
    for _ in range(WARM_UP + STEPS):
        begun = time.perf_counter()
        people = torch.randperm(SUBJECTS)[:PEOPLE].repeat_interleave(IMAGES)
        which = torch.cat([torch.randperm(OF_EACH)[:IMAGES] for _ in range(PEOPLE)])
        x = pixels[people * OF_EACH + which].float() / 255
        moves = torch.eye(2, 3) + 0.1 * torch.randn(len(x), 2, 3)
        grid = F.affine_grid(moves, x.shape, align_corners=False)
        x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
        deviation, mean = torch.std_mean(x, (1, 2, 3), keepdim=True)
        x = ((x - mean) / deviation).contiguous(memory_format=order)
        cosines = F.normalize(net(x)) @ F.normalize(proxies).T
        own = F.one_hot(people, SUBJECTS).bool()
        pull = torch.exp(-32 * (cosines - 0.1)).masked_fill(~own, 0).sum(0)
        push = torch.exp(32 * (cosines + 0.1)).masked_fill(own, 0).sum(0)
        loss = pull.log1p().sum() / PEOPLE + push.log1p().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        times.append(1e3 * (time.perf_counter() - begun))
    print(statistics.median(times[WARM_UP:]))


def ours(binary, threads):
    said = subprocess.run([binary, str(threads)], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"a step (\S+) ms", said)[1])


def theirs(threads, channels_last):
    command = [sys.executable, __file__, "--peer", str(threads), str(int(channels_last))]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(int(sys.argv[2]), bool(int(sys.argv[3])))
    if not sys.argv[1:] or sys.argv[1] in ("-h", "--help"):
        return print(__doc__)
    binary, rounds = sys.argv[1], int((sys.argv[2:] or ["3"])[0])
    columns = {
        "siamese": lambda threads: ours(binary, threads),
        "PyTorch": lambda threads: theirs(threads, False),
        "PyTorch, channels last": lambda threads: theirs(threads, True),
    }
    found = {(name, threads): [] for threads in (1, 2) for name in columns}
    for _ in range(rounds):
        for (name, threads), times in found.items():
            times.append(columns[name](threads))
    for (name, threads), times in found.items():
        print(f"{threads} threads  {name:24} {min(times):6.1f} to {max(times):6.1f} ms, median {statistics.median(times):6.1f}")


if __name__ == "__main__":
    main()
