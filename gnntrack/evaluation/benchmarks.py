"""What each benchmark counts: which annotated rows are evaluated, and which results are forgiven."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gnntrack.datasets.matching import match_frame
from gnntrack.evaluation.identities import require_identities
from gnntrack.sequence import Sequence


@dataclass(frozen=True)
class Benchmark:
    """Rules of a benchmark.

    Attributes:
        evaluated: class of the annotations that count; None: every class.
        distractors: classes whose matched results are neither right nor wrong, and are taken out.
    """

    evaluated: int | None = None
    distractors: tuple[int, ...] = ()


#: MOT17 and MOT20: class 1 is the pedestrian; person on vehicle, static person, distractor and reflection (and in
#: MOT20 the non-motorised vehicle) are distractors, as in TrackEval's MotChallenge2DBox.
BENCHMARKS = {
    "mot17": Benchmark(1, (2, 7, 8, 12)),
    "mot20": Benchmark(1, (2, 6, 7, 8, 12)),
    "dancetrack": Benchmark(),
    "custom": Benchmark(),
}


def prepare(truth: Sequence, tracks: Sequence, benchmark: Benchmark) -> tuple[Sequence, Sequence]:
    """The rows of annotations and results that count.

    Results that match a distractor best (IoU ≥ 0.5) are removed, then annotations of other classes and those whose
    flag (``conf``) is 0.

    Raises:
        DataError: a row that counts has no identity.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth = sample("TUD-Campus", "annotations")
        >>> [len(part) for part in prepare(truth, truth, BENCHMARKS["mot17"])]
        [359, 359]
    """
    classes = truth.boxes["class_id"].to_numpy()
    kept = np.ones(len(tracks), dtype=bool)
    if benchmark.distractors:
        distractor = np.isin(classes, benchmark.distractors)
        boxes, known = tracks.xywh, truth.xywh
        for frame, rows in tracks.by_frame():
            there = truth.rows_of(frame)
            found, matched = match_frame(boxes[rows], known[there])
            kept[rows.start + found[distractor[there][matched]]] = False
    counts = truth.boxes["conf"].to_numpy() != 0
    if benchmark.evaluated is not None:
        counts &= classes == benchmark.evaluated
    truth, tracks = truth.take(counts), replace(tracks.take(kept), embeddings=None)
    require_identities(truth, "annotations")
    require_identities(tracks, "results")
    return truth, tracks
