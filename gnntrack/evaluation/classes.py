"""Scores of videos class by class: all classes together, each over all videos, and their mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gnntrack.evaluation.matches import Matches
from gnntrack.evaluation.scores import Metrics, Score, combine
from gnntrack.evaluation.table import MEANS, SHARES

#: How rows of classes are named: after the row of all videos.
CLASS_ROW, MEAN_ROW = "COMBINED/{}", "COMBINED/class mean"


#: Frames with an annotation that counts, and class to score.
ClassScores = tuple[int, dict[str, Score]]


def class_scores(found: Mapping[str, Matches]) -> ClassScores:
    """The score of every class of a sequence, from its tables of matches."""
    frames = [matches.truth.frames for matches in found.values()]
    annotated = len(np.unique(np.concatenate(frames))) if frames else 0
    return annotated, {label: Score.of(matches) for label, matches in found.items()}


@dataclass(frozen=True)
class ScoredClasses:
    """Scores of every class of every sequence.

    Attributes:
        found: sequence to the number of frames with an annotation that counts, and class to score.
    """

    found: Mapping[str, ClassScores]

    def all(self) -> dict[str, Score]:
        """The score of every sequence, its classes together: every box counts the same."""
        return {name: _together(annotated, scores) for name, (annotated, scores) in self.found.items()}

    def classes(self) -> dict[str, Score]:
        """The score of every class over all sequences, without those that have no box on either side."""
        labels = dict.fromkeys(label for _, scores in self.found.values() for label in scores)
        found = {
            label: combine(scores[label] for _, scores in self.found.values() if label in scores) for label in labels
        }
        return {label: score for label, score in found.items() if score.objects or score.boxes}

    def rows(self) -> dict[str, Metrics]:
        """A row a class, and the mean of the classes; nothing where there is only one.

        In the mean, each class has the same weight and counts are sums, as TrackEval averages classes that have boxes.
        """
        found = {label: score.metrics() for label, score in self.classes().items()}
        if len(found) < 2:
            return {}
        columns = {metric: [row[metric] for row in found.values()] for metric in next(iter(found.values()))}
        mean = {
            metric: float(np.mean(values) if metric in (*SHARES, *MEANS) else np.sum(values))
            for metric, values in columns.items()
        }
        return {CLASS_ROW.format(label): row for label, row in found.items()} | {MEAN_ROW: mean}


def _together(annotated: int, scores: Mapping[str, Score]) -> Score:
    """The sum of a sequence's classes, which share its frames."""
    if len(scores) == 1:
        return next(iter(scores.values()))
    together = combine(scores.values())
    return replace(together, frames=max(score.frames for score in scores.values()), annotated_frames=annotated)
