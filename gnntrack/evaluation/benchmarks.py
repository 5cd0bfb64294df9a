"""What each benchmark counts: which annotated rows are evaluated, and which results are forgiven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnntrack.evaluation.assignment import match_overlaps
from gnntrack.evaluation.scene import Layout, Scene
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


def prepare(truth: Sequence, tracks: Sequence, benchmark: Benchmark) -> Scene:
    """The rows of annotations and results that count, side by side.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth = sample("TUD-Campus", "annotations")
        >>> scene = prepare(truth, truth, BENCHMARKS["mot17"])
        >>> len(scene.truth), len(scene.tracks)
        (359, 359)
    """
    scene = Scene.of(truth, tracks)
    return scene.take(*counted(scene, benchmark))


def counted(scene: Scene, benchmark: Benchmark) -> tuple[np.ndarray, np.ndarray]:
    """Which annotations and which result boxes count: masks ``(N,)`` and ``(M,)``.

    Result boxes whose best match (IoU ≥ 0.5) is a distractor do not; nor do annotations of other classes than the
    evaluated one, or whose flag (``conf``) is 0.
    """
    classes = scene.truth.boxes["class_id"].to_numpy()
    truth = scene.truth.boxes["conf"].to_numpy() != 0
    tracks = np.ones(len(scene.tracks), dtype=bool)
    distractor = np.isin(classes, benchmark.distractors)
    if distractor.any():
        matched = match_overlaps(scene.overlaps, Layout.of(scene.truth, scene.tracks))
        tracks[matched.track[distractor[matched.truth]]] = False
    if benchmark.evaluated is not None:
        truth &= classes == benchmark.evaluated
    return truth, tracks
