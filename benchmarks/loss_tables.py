"""Tables of paired differences between the arms of an experiment, made of the rows of loss_runs.judge.

Two 95 % intervals (Student's t) stand beside each difference: over seeds, each of which draws first weights and what
teaches, and over testing videos, each the mean of its seeds. A difference is more than chance where both leave out 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from loss_runs import SCORES
from scipy.stats import t as student

from gnntrack.files import write_text

#: Rows of one arm by data set and seed.
Rows = dict[tuple[str, int], dict[str, Any]]
SWITCHES = SCORES.index("idsw")
HEADER = [
    "| arm | seeds | HOTA | AssA | IDF1 | switches | Δ HOTA | Δ IDF1 | videos | Δ switches, % | videos |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
]


def table(arms: dict[str, Rows], plain: str, at: str = "chosen") -> list[str]:
    """Lines of a table: scores of every arm, and its paired differences to a plain one.

    The videos of all data sets count alike. Switches are summed over videos; their difference is in percent of the
    plain arm's. After Δ comes the interval over seeds, under ``videos`` that over testing videos.

    Args:
        arms: rows by the name of the arm; an arm is compared on the data sets and seeds that it shares with the plain.
        plain: the arm that the others are compared with.
        at: ``chosen`` or ``fixed`` threshold.
    """
    lines = list(HEADER)
    for name, rows in arms.items():
        shared = sorted(rows.keys() & arms[plain].keys())
        ours, theirs = (stacked(part, shared, at) for part in (rows, arms[plain]))
        means = ours.mean((0, 1))
        scores = [*(f"{means[SCORES.index(score)]:.1f}" for score in ("hota", "assa", "idf1")), f"{total(ours):.0f}"]
        changes = [""] * 5 if name == plain else differences(ours, theirs)
        lines.append(f"| {name} | {len(ours)} | {' | '.join([*scores, *changes])} |")
    return lines


def stacked(rows: Rows, keys: list[tuple[str, int]], at: str) -> np.ndarray:
    """Scores ``(seeds, videos, scores)``; the videos of all data sets side by side, seeds that all of them have."""
    datasets = sorted({dataset for dataset, _ in keys})
    seeds = sorted(seed for seed in {seed for _, seed in keys} if all((dataset, seed) in keys for dataset in datasets))
    scores = [
        [values for dataset in datasets for _, values in sorted(rows[dataset, seed][at].items())] for seed in seeds
    ]
    return np.array(scores, dtype=float)


def total(values: np.ndarray) -> float:
    """Switches of all videos, the mean over seeds."""
    return float(values[..., SWITCHES].sum(1).mean())


def differences(ours: np.ndarray, theirs: np.ndarray) -> list[str]:
    """HOTA and IDF1 over seeds, IDF1 over videos, switches in percent over both."""
    change = ours - theirs
    idf1 = SCORES.index("idf1")
    switches = 100 * change[..., SWITCHES] / total(theirs)
    return [
        interval(change[..., SCORES.index("hota")].mean(1)),
        interval(change[..., idf1].mean(1)),
        half(change[..., idf1].mean(0)),
        interval(switches.sum(1)),
        half(switches.mean(0) * switches.shape[1]),
    ]


def interval(values: np.ndarray) -> str:
    """Mean with the half width of its interval."""
    return f"{values.mean():+.1f} {half(values)}"


def half(values: np.ndarray) -> str:
    """``±`` half the width of the 95 % interval of a mean; empty for a single value."""
    if len(values) < 2:
        return ""
    return f"± {student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5:.1f}"


def write_tables(path: Path, tables: str) -> None:
    """Writes a page of results; what a person wrote above its first heading of level 2 stays."""
    words = path.read_text().partition("## ")[0] if path.is_file() else ""
    write_text(path, f"{words}{tables}\n")
