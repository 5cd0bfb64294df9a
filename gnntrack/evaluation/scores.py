"""Metrics, from sums that add up over videos and classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gnntrack.evaluation.assignment import EPS
from gnntrack.evaluation.idf1 import identity_true_positives
from gnntrack.evaluation.matches import Matches
from gnntrack.evaluation.numbers import numbered
from gnntrack.evaluation.runs import gaps, lengths, purity, restarts, times_to_first_switch

#: HOTA's thresholds, computed as TrackEval computes them.
THRESHOLDS = np.arange(0.05, 0.99, 0.05)
#: A row of results: metric name to value. Shares are between 0 and 1, except MOTA, which has no lower bound.
Metrics = dict[str, float]
#: Identity combinations whose matches are counted at all thresholds together: bounds the memory.
_COMBINATIONS = 1 << 16


@dataclass(frozen=True, eq=False)
class Score:
    """What is counted of a video, or of several: fields of scores add up.

    Attributes:
        frames: number of frames.
        annotated_frames: those that have an annotation.
        objects: annotated boxes.
        boxes: result boxes.
        identities: annotated identities.
        tracks: result identities.
        matched: CLEAR's matches.
        iou: their IoU, summed.
        idsw: switches.
        frag: TrackEval's fragmentations: an object is found again, whether it was annotated in between or not.
        fragmentations: motmetrics': an annotated object is missed between two matches, a count a gap.
        mostly_tracked: identities matched in over 80 % of their frames.
        partly_tracked: in 20 to 80 %.
        mostly_lost: in less.
        idtp: boxes that agree under the best pairing of identities.
        pure: matched boxes that lie on their track's most frequent object.
        complete: matched boxes that have their object's most frequent track.
        followed: objects that are ever matched.
        until_switch: frames from an object's first match to its first switch, or its last frame; summed.
        track_lengths: boxes of each track.
        hota_matched: HOTA's matches at each threshold ``(19,)``.
        hota_iou: their IoU, summed ``(19,)``.
        association: AssA times ``hota_matched``; so of the next two ``(19,)``.
        association_recall: AssRe ``(19,)``.
        association_precision: AssPr ``(19,)``.
    """

    frames: int
    annotated_frames: int
    objects: int
    boxes: int
    identities: int
    tracks: int
    matched: int
    iou: float
    idsw: int
    frag: int
    fragmentations: int
    mostly_tracked: int
    partly_tracked: int
    mostly_lost: int
    idtp: int
    pure: int
    complete: int
    followed: int
    until_switch: int
    track_lengths: np.ndarray
    hota_matched: np.ndarray
    hota_iou: np.ndarray
    association: np.ndarray
    association_recall: np.ndarray
    association_precision: np.ndarray

    @classmethod
    def of(cls, matches: Matches) -> Score:
        """Counts a video's matches."""
        found = matches.clear >= 0
        counts = np.bincount(matches.object, minlength=len(matches.objects))
        share = np.bincount(matches.object[found], minlength=len(counts)) / counts
        tracked, lost = int((share > 0.8).sum()), int((share < 0.2).sum())
        pure, complete = purity(matches)
        until = times_to_first_switch(matches)
        return cls(
            frames=max(matches.truth.length, matches.tracks.length),
            annotated_frames=int((matches.layout.truth_counts > 0).sum()),
            objects=len(matches.truth),
            boxes=len(matches.tracks),
            identities=len(counts),
            tracks=len(matches.names),
            matched=int(found.sum()),
            iou=float(matches.clear_iou.sum()),
            idsw=int(matches.switched.sum()),
            frag=restarts(matches),
            fragmentations=len(gaps(matches)),
            mostly_tracked=tracked,
            partly_tracked=len(counts) - tracked - lost,
            mostly_lost=lost,
            idtp=identity_true_positives(matches.overlaps, matches.object, matches.name),
            pure=pure,
            complete=complete,
            followed=len(until),
            until_switch=int(until.sum()),
            track_lengths=lengths(matches),
            **_hota(matches),
        )

    def curves(self) -> dict[str, np.ndarray]:
        """HOTA and its parts at each of :data:`THRESHOLDS`, under TrackEval's names in small letters ``(19,)``."""
        objects, boxes, matched = (
            np.asarray(self.objects)[..., None],
            np.asarray(self.boxes)[..., None],
            self.hota_matched,
        )
        some = np.maximum(1, matched)
        curves = {
            "deta": matched / np.maximum(1, objects + boxes - matched),
            "assa": self.association / some,
            "detre": matched / np.maximum(1, objects),
            "detpr": matched / np.maximum(1, boxes),
            "assre": self.association_recall / some,
            "asspr": self.association_precision / some,
            "loca": np.maximum(1e-10, self.hota_iou) / np.maximum(1e-10, matched),
        }
        return {
            "hota": np.sqrt(curves["deta"] * curves["assa"]),
            **curves,
            "owta": np.sqrt(curves["detre"] * curves["assa"]),
        }

    def arrays(self) -> dict[str, Any]:
        """Most metrics; if the fields are arrays of many scores, arrays of metrics.

        Those of HOTA's family are means over the thresholds.
        """
        misses, extra = self.objects - self.matched, self.boxes - self.matched
        objects, boxes = np.maximum(1, self.objects), np.maximum(1, self.boxes)
        return {name: curve.mean(-1) for name, curve in self.curves().items()} | {
            "mota": (self.matched - extra - self.idsw) / objects,
            "motp": self.iou / np.maximum(1, self.matched),
            "recall": self.matched / objects,
            "precision": self.matched / boxes,
            "idsw": self.idsw,
            "false_positives": extra,
            "misses": misses,
            "fragmentations": self.fragmentations,
            "frag": self.frag,
            "objects": self.objects,
            "mostly_tracked": self.mostly_tracked,
            "partly_tracked": self.partly_tracked,
            "mostly_lost": self.mostly_lost,
            "idf1": 2 * self.idtp / np.maximum(1, self.objects + self.boxes),
            "idp": self.idtp / boxes,
            "idr": self.idtp / objects,
            "idtp": self.idtp,
            "purity": self.pure / boxes,
            "completeness": self.complete / objects,
            "frames_to_switch": self.until_switch / np.maximum(1, self.followed),
            "identities": self.identities,
            "tracks": self.tracks,
        }

    def metrics(self) -> Metrics:
        """All metrics of one score: :meth:`arrays`, and how long the tracks are."""
        lengths = self.track_lengths if len(self.track_lengths) else np.zeros(1)
        quarter, median, three_quarters = np.percentile(lengths, [25, 50, 75]).tolist()
        return {name: float(value) for name, value in self.arrays().items()} | {
            "track_length_mean": float(lengths.mean()),
            "track_length_quarter": quarter,
            "track_length_median": median,
            "track_length_three_quarters": three_quarters,
        }


def combine(scores: Iterable[Score]) -> Score:
    """The score of several videos, or classes, together: every box counts the same.

    Raises:
        ValueError: there are none.
    """
    found = list(scores)
    if not found:
        raise ValueError("no scores to combine")
    values = {field.name: [getattr(score, field.name) for score in found] for field in fields(Score)}
    lengths = np.concatenate(values.pop("track_lengths"))
    return Score(track_lengths=lengths, **{name: sum(parts[1:], parts[0]) for name, parts in values.items()})


def resampled(scores: Iterable[Score], draws: np.ndarray) -> Score:
    """The combined score of many draws of the same videos at once: its fields are arrays, a row a draw.

    Args:
        scores: of ``K`` videos.
        draws: which videos are in each draw ``(..., K)``.
    """
    found = list(scores)
    values = {field.name: [getattr(score, field.name) for score in found] for field in fields(Score)}
    del values["track_lengths"]
    axis = draws.ndim - 1
    sums = {name: np.array(parts)[draws].sum(axis) for name, parts in values.items()}
    return Score(track_lengths=np.zeros(0), **sums)


def _hota(matches: Matches) -> dict[str, np.ndarray]:
    """The fields of a score that HOTA needs."""
    iou = matches.hota_iou
    level = np.searchsorted(THRESHOLDS - EPS, iou, side="right")  # how many thresholds a pair reaches
    rows = np.flatnonzero(level > 0)
    level, iou = level[rows], iou[rows]
    size = len(THRESHOLDS) + 1
    found = {
        "hota_matched": _reached(np.bincount(level, minlength=size)),
        "hota_iou": _reached(np.bincount(level, iou, minlength=size)),
        "association": np.zeros(len(THRESHOLDS)),
        "association_recall": np.zeros(len(THRESHOLDS)),
        "association_precision": np.zeros(len(THRESHOLDS)),
    }
    width = max(1, len(matches.names))
    item, name = matches.object[rows], matches.name[matches.hota[rows]]
    keys, number = numbered(item.astype(np.int64) * width + name)
    of_item = np.bincount(matches.object).astype(float)[keys // width] if len(keys) else np.zeros(0)
    of_name = np.bincount(matches.name).astype(float)[keys % width] if len(keys) else np.zeros(0)
    order = np.argsort(number, kind="stable")
    number, level = number[order], level[order]
    for first in range(0, len(keys), _COMBINATIONS):
        last = min(first + _COMBINATIONS, len(keys))
        part = slice(*np.searchsorted(number, [first, last]).tolist())
        cells = np.bincount((number[part] - first) * size + level[part], minlength=(last - first) * size)
        count = _reached(cells.reshape(-1, size))
        own, other = of_item[first:last, None], of_name[first:last, None]
        found["association"] += (count * (count / (own + other - count))).sum(0)
        found["association_recall"] += (count * (count / own)).sum(0)
        found["association_precision"] += (count * (count / other)).sum(0)
    return found


def _reached(histogram: np.ndarray) -> np.ndarray:
    """Counts of levels to counts of thresholds reached: ``(..., 20)`` to ``(..., 19)``."""
    return np.flip(np.cumsum(np.flip(histogram, -1), -1), -1)[..., 1:]
