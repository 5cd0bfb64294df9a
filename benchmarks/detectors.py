"""Simulated detectors beside the real one, on videos that they were not fitted to: tables, and copied errors.

    OMP_NUM_THREADS=1 python benchmarks/detectors.py --root DATA/DanceTrack

Both are fitted to ten DanceTrack validation videos and compared on nine others, four of them crowded, three simulations
each. Writes benchmarks/results/detectors.json and detectors.md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.datasets.synthetic import Hardness, fit_detector, keep_errors, read_both, simulate
from gnntrack.datasets.synthetic.quality import KEYS, mean, measure
from gnntrack.files import write_text

RESULT = Path(__file__).parent / "results" / "detectors.json"
FITTED = ("0004", "0005", "0007", "0010", "0018", "0019", "0025", "0030", "0035", "0077")
OTHERS = ("0026", "0034", "0043", "0058", "0065")
SEEDS = range(3)
KINDS = ("real", "tables", "copied as measured", "copied, harder")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    root = parser.parse_args().root
    fitted = read_both(root / "val", sequences=_names(FITTED))
    copied = keep_errors(fitted)
    detectors = {
        "tables": fit_detector(fitted),
        "copied as measured": replace(copied, hardness=Hardness.none()),
        "copied, harder": copied,
    }
    rows: list[dict[str, Any]] = []
    for truth, found in read_both(root / "val", sequences=_names(OTHERS)) + read_both(root / "val-crowded"):
        row: dict[str, Any] = {"name": truth.name, "real": measure(truth, found)}
        for kind, detector in detectors.items():
            drawn = [measure(truth, simulate(truth, detector, seed)) for seed in SEEDS]
            row[kind] = mean(drawn)
            row[f"{kind}: recall of each"] = [figures["recall"] for figures in drawn]
        rows.append(row)
        print(truth.name, flush=True)
        write_text(RESULT, json.dumps({"videos": rows}, indent=1) + "\n")
    write_text(RESULT.with_suffix(".md"), page(rows))
    print(RESULT.with_suffix(".md").read_text())


def _names(numbers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"dancetrack{number}" for number in numbers)


def page(rows: list[dict[str, Any]]) -> str:
    """Means over all videos, over the crowded ones, and how far single videos are off."""
    crowded = [row for row in rows if row["name"].removeprefix("dancetrack") not in OTHERS]
    parts = [f"`OMP_NUM_THREADS=1 python benchmarks/detectors.py --root DATA/DanceTrack`: {len(rows)} videos.", ""]
    for title, chosen in ((f"All {len(rows)} videos", rows), (f"The {len(crowded)} crowded ones", crowded)):
        means = {kind: mean([row[kind] for row in chosen]) for kind in KINDS}
        parts += [f"## {title}", "", "| mean | " + " | ".join(KINDS) + " |", "|---|" + "---|" * len(KINDS)]
        parts += [
            f"| {key} | " + " | ".join(f"{means[kind].get(key, np.nan):.3f}" for kind in KINDS) + " |" for key in KEYS
        ]
        parts.append("")
    apart = {kind: mean([_differences(row["real"], row[kind]) for row in rows]) for kind in KINDS[1:]}
    parts += ["## Mean difference of a video", "", "| | " + " | ".join(KINDS[1:]) + " |", "|---|" + "---|" * len(apart)]
    parts += [
        f"| {key} | " + " | ".join(f"{apart[kind].get(key, np.nan):.3f}" for kind in apart) + " |" for key in KEYS
    ]
    return "\n".join(parts) + "\n"


def _differences(real: dict[str, float], simulated: dict[str, float]) -> dict[str, float]:
    return {key: abs(real[key] - simulated[key]) for key in real.keys() & simulated.keys()}


if __name__ == "__main__":
    main()
