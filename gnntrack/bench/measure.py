"""Runs trackers over annotated videos and scores them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gnntrack.bench.gains import best_of
from gnntrack.bench.runs import Run, Tracked
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.comparison import density_class
from gnntrack.evaluation.pair_types import Truth
from gnntrack.evaluation.pairs import in_annotated_frames
from gnntrack.evaluation.report import score_all
from gnntrack.evaluation.result_classes import with_classes_of
from gnntrack.evaluation.rules import Benchmark, choose_rules
from gnntrack.evaluation.scores import Metrics, Score, combine
from gnntrack.sequence import Sequence

#: Formats whose class column may be a mere filler.
NUMBERS = ("mot", "sample")


@dataclass(frozen=True)
class Measured:
    """What trackers reached on the same videos.

    Attributes:
        scores: name of the tracker to video to score.
        speed: name of the tracker to frames a second.
        peers: which of them are others', against the best of which ours are held.
        rules: what counted.
        frames: of each video.
        left_out: videos that were not measured, and why.
        references: name of a tracker to that of another, which it is held against beside the peers.
    """

    scores: dict[str, dict[str, Score]]
    speed: dict[str, float]
    peers: list[str]
    rules: str
    frames: dict[str, int]
    left_out: dict[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)

    @property
    def videos(self) -> list[str]:
        """Those that were measured."""
        return list(self.frames)

    @property
    def density(self) -> dict[str, str]:
        """Video to its class by the annotated objects in view."""
        return {name: density_class(score) for name, score in next(iter(self.scores.values())).items()}

    def metric(self, tracker: str, key: str) -> np.ndarray:
        """A metric of a tracker on each video ``(V,)``."""
        return np.array([self.scores[tracker][video].metrics()[key] for video in self.videos])

    def combined(self, tracker: str) -> Metrics:
        """All metrics of a tracker on all videos together."""
        return combine(self.scores[tracker].values()).metrics()

    def gains(self, key: str = "hota") -> dict[str, dict[str, np.ndarray]]:
        """What trackers are held against, to tracker to how much higher it is on each video ``(V,)``, in points."""
        values = {name: 100 * self.metric(name, key) for name in self.scores}
        found = {}
        if self.peers:
            best = best_of(values[name] for name in self.peers)
            found["the best peer"] = {name: each - best for name, each in values.items()}
        if self.references:
            what = next(iter(self.references.values())).partition(",")[0]
            found[what] = {name: values[name] - values[other] for name, other in self.references.items()}
        return found


@dataclass(frozen=True)
class Asked:
    """What is to be measured.

    Attributes:
        truths: annotations by video.
        detections: boxes by video, which all trackers see.
        ours: trackers by name.
        peers: those of others, by name; may be empty.
        benchmark: whose rules decide what counts; None: those that the annotations belong to.
        classes: that count; empty: those of the rules.
        only_annotated: results in frames without any annotation are left out.
        references: see :class:`Measured`.
    """

    truths: Mapping[str, Truth]
    detections: Mapping[str, Sequence]
    ours: Mapping[str, Run]
    peers: Mapping[str, Run] = field(default_factory=dict)
    benchmark: str | None = None
    classes: tuple[str, ...] = ()
    only_annotated: bool = False
    references: Mapping[str, str] = field(default_factory=dict)


def measure(asked: Asked, moved: Callable[[str, int, int], None] = lambda what, done, total: None) -> Measured:
    """Runs every tracker over every video that has annotations and detections, and scores the tracks.

    A tracker of others that fails is left out, with a warning.

    Args:
        asked: videos, trackers and rules.
        moved: is told which video is at hand, how many runs are over and how many there are.

    Raises:
        DataError: no video has annotations that count and detections.
    """
    truths, left_out = _measurable(asked)
    if not truths:
        each = "; ".join(f"{name}: {why}" for name, why in list(left_out.items())[:8])
        raise DataError(f"no video to measure on{': ' if each else ''}{each}", remedy="give annotations and detections")
    nothing = {name: asked.detections[name].take(np.zeros(0, dtype=int)) for name in truths}
    pairs = {name: (truth.boxes, nothing[name]) for name, truth in truths.items()}
    rules = choose_rules(asked.benchmark, truths, asked.classes)
    counted = [name for name, score in score_all(pairs, rules).items() if score.objects]
    left_out |= dict.fromkeys(set(truths) - set(counted), "no annotation counts")
    runs = {**asked.peers, **asked.ours}
    tracked: dict[str, list[Tracked]] = {name: [] for name in runs}
    for number, video in enumerate(counted):
        for place, (name, run) in enumerate(runs.items()):
            moved(video, number * len(runs) + place, len(counted) * len(runs))
            if name in tracked:
                try:
                    tracked[name].append(run(asked.detections[video]))
                except Exception as error:
                    if name not in asked.peers:
                        raise
                    del tracked[name]
                    warnings.warn(f"{name} failed on {video}, and is left out: {error!r}", DataWarning, stacklevel=2)
    found = {
        name: _scores(asked, {video: truths[video] for video in counted}, each, rules) for name, each in tracked.items()
    }
    speed = {
        name: sum(one.frames for one in each) / max(1e-9, sum(one.seconds for one in each))
        for name, each in tracked.items()
    }
    frames = {video: asked.detections[video].length for video in counted}
    peers = [name for name in asked.peers if name in found]
    return Measured(found, speed, peers, rules.name, frames, left_out, asked.references)


def _measurable(asked: Asked) -> tuple[dict[str, Truth], dict[str, str]]:
    """The annotations of the videos that have detections too, and why others are left out."""
    left_out = {name: "no annotations" for name in asked.detections if name not in asked.truths}
    left_out |= {name: "no detections" for name in asked.truths if name not in asked.detections}
    return {name: truth for name, truth in asked.truths.items() if name in asked.detections}, left_out


def _scores(asked: Asked, truths: Mapping[str, Truth], tracked: list[Tracked], rules: Benchmark) -> dict[str, Score]:
    """The score of each video, with classes as ``gnntrack eval`` takes them."""
    boxes = {name: truth.boxes for name, truth in truths.items()}
    plain = all(truth.format_name in NUMBERS for truth in truths.values())
    tracks = with_classes_of({name: each.tracks for name, each in zip(truths, tracked, strict=True)}, boxes, plain)
    return score_all(
        {
            name: (truth.boxes, in_annotated_frames(truth, tracks[name], asked.only_annotated))
            for name, truth in truths.items()
        },
        rules,
    )
