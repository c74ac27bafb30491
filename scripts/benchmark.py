#!/usr/bin/env python3
"""Trains and judges the recipes of one table of docs/benchmarks.md, and prints it. scripts/benchmark.sh calls this.

Exit codes: 0 the table is printed, 1 a training failed, 2 wrong usage, 130 stopped.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
DATASETS = ROOT / "datasets"


class Trial(NamedTuple):
    """A recipe that is cross-validated on a set, once for each seed."""

    row: str
    recipe: str
    data: Path
    protocol: str
    layout: str = "{subject}/*"
    # Beside these.
    more: Sequence[str] = ()


class Outcome(NamedTuple):
    """What one seed's cross-validation found."""

    figures: Dict[str, Any]
    # Random and skilled impostors apart; None where there are no forgeries.
    impostors: Optional[Dict[str, Any]]
    folds: int
    # Of all its trainings; None where a crash lost some.
    seconds: Optional[float]


class Failed(Exception):
    """A cross-validation ended with an error, which it has printed."""


def omniglot() -> List[Trial]:
    sets = {"small 1": "images_background_small1", "small 2": "images_background_small2"}
    return [Trial(row, "omniglot", DATASETS / "omniglot" / folder, "omniglot-runs", "{alphabet}/{subject}/*",
                  # Cropped to their ink, the single strokes of two alphabets are one picture.
                  ["--allow-duplicates"])
            for row, folder in sets.items()]


def orl() -> List[Trial]:
    protocols = ["chopra-35-5", "subjects-8-fold", "subjects-20-20", "bob-20-20"]
    return [Trial(f"{recipe}, {protocol}", recipe, DATASETS / "orl_faces", protocol)
            for recipe in ("orl-fast", "orl-best") for protocol in protocols]


def signatures_made_up() -> List[Trial]:
    recipes = {"before": str(ROOT / "scripts" / "before-signatures.toml"), "signatures": "signatures"}
    return [Trial(row, recipe, DATASETS / "made_up_writers", "k-fold:3", "{subject}/{kind}/*") for row, recipe in recipes.items()]


TABLES = {"omniglot": omniglot, "orl": orl, "signatures-made-up": signatures_made_up}


# --- one cross-validation ----------------------------------------------------------------


def judge(trial: Trial, seed: int, siamese: Path, out: Path) -> Outcome:
    """Goes on where an earlier call was interrupted."""
    command = [siamese, "crossval", trial.recipe, "--set", f"seed={seed}", "--protocol", trial.protocol,
               "--data", trial.data, "--layout", trial.layout, "--jobs", "1", *trial.more, "--out", out]
    print(f"{trial.row}, seed {seed}: {out}", file=sys.stderr, flush=True)
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise Failed
    report = json.loads((out / "report.json").read_text("utf-8"))
    histories = sorted(out.glob("fold-*/history.jsonl"))
    epochs = [json.loads(line) for history in histories for line in history.read_text("utf-8").splitlines()]
    times = [epoch.get("seconds") for epoch in epochs]
    return Outcome(report["methods"][0]["outcome"]["figures"], report.get("impostors"), len(histories), None if None in times else sum(times))


# --- the table ---------------------------------------------------------------------------


def percent(values: Sequence[Optional[float]]) -> str:
    """The mean over seeds, with their standard deviation."""
    known = [100 * value for value in values if value is not None]
    if len(known) < len(values):
        return "not shown"
    spread = f" +- {statistics.stdev(known):.2f}" if len(known) > 1 else ""
    return f"{statistics.mean(known):.2f}{spread}"


def interval(measured: Dict[str, Any]) -> str:
    bounds = measured.get("interval")
    return f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}" if bounds else "none"


def at_fmr(figures: Dict[str, Any], target: float) -> Optional[float]:
    """FNMR at this FMR; None where so few comparisons cannot show it."""
    for point in figures["fnmr_at_fmr"]:
        if point["target"] == target:
            return point["rate"].get("known", {}).get("measured", {}).get("value")
    return None


def time_of(outcomes: Sequence[Outcome]) -> str:
    times = [outcome.seconds / outcome.folds for outcome in outcomes if outcome.seconds is not None]
    return f"{statistics.median(times):.0f} s" if times else "not known"


def one_shot_cells(outcomes: Sequence[Outcome]) -> List[str]:
    trials = [outcome.figures["one_shot"] for outcome in outcomes]
    return [percent([trial["error_rate"]["value"] for trial in trials]),
            ", ".join(f"{trial['errors']} of {trial['trials']}" for trial in trials),
            "; ".join(interval(trial["error_rate_over_groups"]) for trial in trials)]


def comparison_cells(outcomes: Sequence[Outcome]) -> List[str]:
    figures = [outcome.figures for outcome in outcomes]
    return [percent([one["eer"]["value"] for one in figures]),
            "; ".join(interval(one["eer"]) for one in figures),
            percent([at_fmr(one, 0.01) for one in figures]),
            percent([(one.get("rank_1") or {}).get("value") for one in figures])]


def impostor_cells(outcomes: Sequence[Outcome]) -> List[str]:
    def of(kind: str) -> List[Dict[str, Any]]:
        return [next(one for one in outcome.impostors["kinds"] if one["kind"] == kind) for outcome in outcomes]

    def eer(figures: Sequence[Dict[str, Any]]) -> List[Optional[float]]:
        return [(one["eer"] or {}).get("value") for one in figures]

    random, skilled = of("random"), of("skilled")
    return [percent(eer(random)), percent(eer(skilled)),
            "; ".join(interval(one["eer"] or {}) for one in skilled),
            percent([at_fmr(one, 0.1) for one in skilled])]


def table(head: List[str], rows: List[List[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def print_table(name: str, found: Dict[str, List[Outcome]]) -> None:
    cells, columns = {
        "omniglot": (one_shot_cells, ["trained on", "errors %", "errors of each seed", "95 % over alphabets"]),
        "orl": (comparison_cells, ["recipe, protocol", "EER %", "95 % of each seed", "FNMR % at FMR 1 %", "rank-1 %"]),
        "signatures-made-up": (impostor_cells, ["recipe", "EER % random", "EER % skilled", "95 % skilled, of each seed",
                                                "FNMR % where 10 % of forgeries pass"]),
    }[name]
    rows = [[row, *cells(outcomes), time_of(outcomes)] for row, outcomes in found.items()]
    if name == "omniglot":
        everything = [outcome.figures["one_shot"]["error_rate"]["value"] for outcomes in found.values() for outcome in outcomes]
        rows.append(["mean of all", percent(everything), "", "", ""])
    print(table([*columns, "one training"], rows))


def main(words: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmark.py", description="Prints one table of docs/benchmarks.md.")
    parser.add_argument("table", choices=sorted(TABLES))
    parser.add_argument("--siamese", type=Path, required=True, metavar="FILE", help="the program, with training built in")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="trainings for each row (default 3)")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "benchmark", metavar="DIR", help="folder of the trainings")
    arguments = parser.parse_args(words)
    if arguments.seeds < 1:
        parser.error("--seeds takes 1 or more")
    try:
        found = {trial.row: [judge(trial, seed, arguments.siamese, arguments.out / f"{Path(trial.recipe).stem}-{trial.protocol}-{trial.data.name}-s{seed}")
                             for seed in range(arguments.seeds)]
                 for trial in TABLES[arguments.table]()}
    except Failed:
        return 1
    except KeyboardInterrupt:
        return 130
    print_table(arguments.table, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
