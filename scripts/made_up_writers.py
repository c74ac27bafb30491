#!/usr/bin/env python3
"""Makes signatures of writers who do not exist, and forgeries of them.

    python3 scripts/made_up_writers.py OUT [--writers 60] [--genuine 14] [--forgeries 10] [--seed 1]

OUT/w01/genuine/01.pgm ... and OUT/w01/forgery/01.pgm ...: grey paper, as if scanned, each sheet of another size. The same
arguments give the same bytes.

A signature is some strokes, each a spline through points that a pen passes at a speed. A writer has a slant, a size, a
speed, a pen, and a habit of varying: some are steady and some are not. Half of the forgeries are *traced*: the shape is
right and the hand is slow, so the line trembles, is evenly thick and has blunt ends. The others are *imitated*: the forger
has practised from one genuine signature and writes fluently, with proportions a little wrong and a hand that keeps some of
its own slant and pressure. Four in five writers are forged by two people each, the others by one.
"""

import argparse
import math
import random
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

PIXELS_PER_UNIT = 24  # the height of a small letter
POINTS_PER_SPAN = 14  # between two control points


@dataclass(frozen=True)
class Hand:
    """How somebody writes, whatever it is."""

    slant: float  # shear, 0 is upright
    rise: float  # of the base line, in radians
    size: float
    width: float  # of the whole over its height, 1 is usual
    pen: float  # thickness of the line, in pixels
    pressure: float  # how much thinner the line is where the pen is fast, 0 to 1
    taper: float  # how much thinner strokes begin and end, 0 to 1
    ink: float  # darkness, 0 to 1
    unsteady: float  # how far points stray from one signature to the next, in units
    tremor: float  # how far the line shakes, in units


def hand(draw):
    return Hand(
        slant=draw.gauss(0.25, 0.3),
        rise=draw.gauss(0.03, 0.06),
        size=draw.uniform(0.8, 1.25),
        width=draw.uniform(0.8, 1.3),
        pen=draw.uniform(1.3, 2.4),
        pressure=draw.uniform(0.15, 0.75),
        taper=draw.uniform(0.2, 0.9),
        ink=draw.uniform(0.65, 0.95),
        unsteady=draw.uniform(0.035, 0.10),
        tremor=draw.uniform(0.0, 0.006),
    )


def strokes(draw):
    """The points of a signature, stroke by stroke: loops and arches that run to the right, now and then a flourish."""
    found, x = [], 0.0
    for number in range(draw.randint(2, 5)):
        points = []
        high = draw.choice([1.0, 1.0, 1.4, 2.2]) if number else draw.uniform(1.8, 2.8)
        turn = draw.uniform(0, 2 * math.pi)
        for _ in range(draw.randint(3, 8)):
            turn += draw.uniform(1.2, 2.4) * draw.choice([1, 1, 1, -1])
            points.append((x + 0.55 * math.cos(turn), high * (0.5 + 0.5 * math.sin(turn)) - draw.choice([0, 0, 0, 0.6])))
            x += draw.uniform(0.12, 0.55)
        found.append(points)
        x += draw.uniform(0.05, 0.5)
    if draw.random() < 0.6:
        level, bow = draw.uniform(-0.9, 0.2), draw.uniform(-0.5, 0.5)
        ends = sorted([draw.uniform(-0.5, 0.5) * x, draw.uniform(0.6, 1.2) * x])
        found.append([(ends[0], level), ((ends[0] + ends[1]) / 2, level + bow), (ends[1], level + draw.uniform(-0.3, 0.6))])
    return found


def spline(points):
    """A Catmull-Rom spline through the points, as so many places on it."""
    padded = [points[0], *points, points[-1]]
    places = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:]):
        for step in range(POINTS_PER_SPAN):
            t = step / POINTS_PER_SPAN
            places.append(tuple(
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3)
                for a, b, c, d in zip(p0, p1, p2, p3)
            ))
    return [*places, points[-1]]


def strayed(draw, shape, by):
    """The shape as it comes out this time: neighbours stray together, and strokes as a whole."""
    found = []
    for points in shape:
        whole = [draw.gauss(0, 0.8 * by) for _ in range(2)]
        drift, moved = [0.0, 0.0], []
        for x, y in points:
            drift = [0.6 * last + draw.gauss(0, by) for last in drift]
            moved.append((x + whole[0] + drift[0], y + whole[1] + drift[1]))
        found.append(moved)
    return found


def line(draw, hand, shape):
    """Where the pen is, in pixels, how thick its line is there, and how dark."""
    found = []
    stretch, lift = draw.gauss(1, 0.5 * hand.unsteady), draw.gauss(1, 0.5 * hand.unsteady)
    slant = hand.slant + draw.gauss(0, 0.5 * hand.unsteady)
    rise = hand.rise + draw.gauss(0, 0.4 * hand.unsteady)
    pen = hand.pen * draw.uniform(0.92, 1.08)
    for points in strayed(draw, shape, hand.unsteady):
        places = spline(points)
        shake = [0.0, 0.0]
        drawn = []
        for x, y in places:
            shake = [0.55 * last + draw.gauss(0, hand.tremor) for last in shake]
            x, y = (x + shake[0]) * hand.width * stretch, (y + shake[1]) * lift
            x += slant * y
            drawn.append((hand.size * (x * math.cos(rise) - y * math.sin(rise)),
                          hand.size * (x * math.sin(rise) + y * math.cos(rise))))
        speeds = [math.dist(a, b) for a, b in zip(drawn, drawn[1:])] or [0.0]
        usual = sorted(speeds)[len(speeds) // 2] or 1.0
        for i, (x, y) in enumerate(drawn):
            fast = min(speeds[min(i, len(speeds) - 1)] / usual, 2.5)
            near_end = min(i, len(drawn) - 1 - i) / (0.8 * POINTS_PER_SPAN)
            thick = pen * (1 - 0.4 * hand.pressure * (fast - 0.7)) * (1 - hand.taper * max(0.0, 1 - near_end))
            dark = hand.ink * (1 - 0.25 * hand.pressure * max(0.0, fast - 1))
            found.append((PIXELS_PER_UNIT * x, -PIXELS_PER_UNIT * y, max(0.7, thick), dark, i == 0))
    return found


def sheet(draw, places):
    """A scanned sheet with this line on it: width, height and greys."""
    left, top = (min(place[axis] for place in places) for axis in (0, 1))
    right, low = (max(place[axis] for place in places) for axis in (0, 1))
    margins = [draw.randint(6, 40) for _ in range(4)]
    width, height = int(right - left) + margins[0] + margins[1], int(low - top) + margins[2] + margins[3]
    ink = [0.0] * (width * height)
    last = None
    for x, y, thick, dark, begins in places:
        x, y = x - left + margins[0], y - top + margins[2]
        steps = 1 if begins or last is None else max(1, int(math.dist(last[:2], (x, y)) / 0.8))
        for step in range(1, steps + 1):
            t = step / steps
            cx, cy = (x, y) if steps == 1 else (last[0] + t * (x - last[0]), last[1] + t * (y - last[1]))
            radius = thick / 2
            for row in range(max(0, int(cy - radius - 1)), min(height, int(cy + radius + 2))):
                for column in range(max(0, int(cx - radius - 1)), min(width, int(cx + radius + 2))):
                    cover = min(1.0, max(0.0, radius + 0.5 - math.hypot(column - cx, row - cy)))
                    place = row * width + column
                    ink[place] = max(ink[place], cover * dark)
        last = (x, y)
    paper, grain = draw.uniform(215, 248), draw.uniform(1.5, 5)
    # A strip of grain, repeated: as good as grain everywhere, and much sooner drawn.
    specks = [draw.gauss(0, grain) for _ in range(4093)]
    greys = bytes(
        max(0, min(255, int(paper * (1 - part) + specks[place % 4093]))) for place, part in enumerate(ink)
    )
    return width, height, greys


def traced(draw, writer, shape, forger):
    """The shape is right; the hand is slow."""
    slow = replace(
        writer,
        unsteady=0.6 * writer.unsteady + 0.01,
        tremor=draw.uniform(0.018, 0.034),
        pressure=0.05,
        taper=0.05,
        pen=0.5 * (writer.pen + forger.pen) + 0.2,
        ink=forger.ink,
    )
    return line(draw, slow, shape)


def imitated(draw, writer, shape, forger):
    """The hand is fluent; the proportions are a little wrong, and some of its own habits stay."""
    mixed = {
        name: 0.55 * getattr(writer, name) + 0.45 * getattr(forger, name)
        for name in ("slant", "rise", "width", "pen", "pressure", "taper")
    }
    fluent = replace(writer, unsteady=1.2 * writer.unsteady + 0.02, ink=forger.ink, tremor=0.006, **mixed)
    return line(draw, fluent, shape)


def write(path, picture):
    width, height, greys = picture
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + greys)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="a folder that is not there yet")
    parser.add_argument("--writers", type=int, default=60)
    parser.add_argument("--genuine", type=int, default=14, help="genuine signatures of each")
    parser.add_argument("--forgeries", type=int, default=10, help="forgeries of each, half traced and half imitated")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.out.exists():
        sys.exit(f"{args.out} is there already: name a new folder")
    for name in ("writers", "genuine", "forgeries"):
        if getattr(args, name) < (0 if name == "forgeries" else 1):
            sys.exit(f"--{name} {getattr(args, name)} is too few")
    # Whole or not there, even if this is interrupted.
    part = args.out.with_name(f".{args.out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    forgers = [hand(random.Random(f"{args.seed} forger {number}")) for number in range(24)]
    digits = len(str(args.writers))
    for number in range(1, args.writers + 1):
        # Each has a stream of its own, so that more writers, or more signatures, leave the others as they are.
        draw = random.Random(f"{args.seed} writer {number}")
        writer, shape = hand(draw), strokes(draw)
        folder = part / f"w{number:0{digits}}"
        for i in range(1, args.genuine + 1):
            own = random.Random(f"{args.seed} genuine {number} {i}")
            write(folder / "genuine" / f"{i:02}.pgm", sheet(own, line(own, writer, shape)))
        who = draw.sample(forgers, 1 if draw.random() < 0.2 else 2)
        # What each has seen and practised: one signature, remembered not quite right.
        practised = [
            strayed(random.Random(f"{args.seed} practice {number} {place}"), shape, 1.1 * writer.unsteady + 0.04)
            for place in range(len(who))
        ]
        for i in range(1, args.forgeries + 1):
            own = random.Random(f"{args.seed} forgery {number} {i}")
            place = i % len(who)
            if i % 4 < 2:
                forged = traced(own, writer, strayed(own, shape, writer.unsteady), who[place])
            else:
                forged = imitated(own, writer, practised[place], who[place])
            write(folder / "forgery" / f"{i:02}.pgm", sheet(own, forged))
    part.rename(args.out)


if __name__ == "__main__":
    main()
