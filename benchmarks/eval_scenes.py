"""Random scenes for evaluation: boxes on a coarse grid, so that scores tie, and IoUs lie exactly on thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from trackeval.metrics import CLEAR, HOTA, Identity

from gnntrack.evaluation.referees import trackeval_input
from gnntrack.sequence import Sequence

SHARES = ("HOTA", "DetA", "AssA", "DetRe", "DetPr", "AssRe", "AssPr", "LocA", "OWTA")
COUNTS = {
    "MOTA": "mota",
    "MOTP": "motp",
    "CLR_Re": "recall",
    "CLR_Pr": "precision",
    "IDSW": "idsw",
    "CLR_FP": "false_positives",
    "CLR_FN": "misses",
    "Frag": "frag",
    "MT": "mostly_tracked",
    "PT": "partly_tracked",
    "ML": "mostly_lost",
    "IDF1": "idf1",
    "IDP": "idp",
    "IDR": "idr",
    "IDTP": "idtp",
}


def random_scene(seed: int) -> tuple[Sequence, Sequence]:
    """Annotations and a result; by chance empty frames, fragmented identities, ids of a trillion, near copies."""
    rng = np.random.default_rng(seed)
    frames = int(rng.integers(1, 25))
    grid, size = int(rng.choice([2, 4, 8, 30, 100])), int(rng.choice([3, 6, 12, 30]))
    missing = float(rng.choice([0, 0.2, 0.6, 0.95]))
    number = int(rng.choice([1, 2, 4, 9, 14, 20]))

    def boxes(count: int, factor: int) -> pd.DataFrame:
        rows = []
        for frame in range(1, frames + 1):
            if rng.random() < 0.1:
                continue
            for item in range(count):
                if rng.random() < missing:
                    continue
                fragment = int(rng.integers(0, 3)) * count if rng.random() < 0.3 else 0
                box = (*rng.integers(0, grid, 2), *rng.integers(1, size, 2))
                rows.append((frame, (item + fragment) * factor, *map(float, box)))
        table = pd.DataFrame(rows, columns=["frame", "id", "x", "y", "w", "h"])
        return table.drop_duplicates(["frame", "id"])

    truth = boxes(number, 1)
    if seed % 3:
        result = boxes(int(rng.choice([number, 1, number + 3])), 10**12 if seed % 2 else 1)
    else:
        result = truth.assign(x=truth["x"] + rng.integers(-1, 2, len(truth)))
    return as_sequence(truth, frames), as_sequence(result, frames)


def threshold_scene(tenths: bool) -> tuple[Sequence, Sequence]:
    """Pairs whose IoU lies exactly on each of HOTA's thresholds, or as near to it as rounding lets it."""
    rows, result = [], []
    for step in range(1, 20):
        length = 20.0 if not tenths else 2.0
        for frame in range(1, 4):
            rows.append((frame, step, 0.0, 100.0 * step, length, 10.0))
            result.append((frame, step + frame // 3, 0.0, 100.0 * step, length * step / 20, 10.0))
    columns = ["frame", "id", "x", "y", "w", "h"]
    return tuple(as_sequence(pd.DataFrame(part, columns=columns), 3) for part in (rows, result))  # type: ignore[return-value]


def as_sequence(table: pd.DataFrame, frames: int, classes: dict[int, str] | None = None) -> Sequence:
    side = 4000 if classes is None else 300  # regions are drawn pixel by pixel
    return Sequence("scene", table, width=side, height=side, length=frames, classes=classes or {})


def differences(truth: Sequence, tracks: Sequence, row: dict[str, float], curves: dict[str, np.ndarray]) -> dict:
    """How far our metrics are from TrackEval's on a scene; only those that differ by over a billionth."""
    return differences_from(trackeval_input(truth, tracks), row, curves)


def differences_from(data: dict[str, Any], row: dict[str, float], curves: dict[str, np.ndarray]) -> dict:
    """The same from TrackEval's own data."""
    quiet = {"PRINT_CONFIG": False}
    clear = CLEAR(quiet)
    theirs: dict[str, Any] = HOTA().eval_sequence(data) | Identity(quiet).eval_sequence(data)
    theirs |= clear.combine_sequences({"scene": clear.eval_sequence(data)})  # without annotations: MOTA is -FP, not 0
    apart = {name: float(np.abs(theirs[name] - curves[name.lower()]).max()) for name in SHARES}
    apart |= {name: abs(float(theirs[name]) - row[ours]) for name, ours in COUNTS.items()}
    return {name: value for name, value in apart.items() if value > 1e-9}
