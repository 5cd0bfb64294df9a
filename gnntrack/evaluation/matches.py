"""The table of matches: which result box each annotated box has. Every metric, and every error, is read off it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gnntrack.evaluation.clear import match_clear
from gnntrack.evaluation.hota import match_hota
from gnntrack.evaluation.identities import require_identities
from gnntrack.evaluation.numbers import numbered
from gnntrack.evaluation.scene import Layout, Overlaps, Scene
from gnntrack.sequence import Sequence

NONE = -1


@dataclass(frozen=True, eq=False)
class Matches:
    """A scene, matched frame by frame as TrackEval 1.3 does it.

    Attributes:
        scene: the rows that count.
        layout: where each frame's rows lie.
        objects: the annotated identities, ascending ``(G,)``.
        object: position in ``objects`` of each annotation's ``(N,)``.
        names: the result's identities, ascending ``(T,)``.
        name: position in ``names`` of each result box's ``(M,)``.
        clear: row of the result box that CLEAR matches with each annotation, at IoU 0.5 with pairs of the frame
            before kept; −1: missed ``(N,)``.
        clear_iou: their IoU; 0 where missed ``(N,)``.
        hota: row of the result box that HOTA matches with each annotation, whatever its IoU; −1: none ``(N,)``. At
            a threshold, pairs whose IoU is below it do not count.
        hota_iou: their IoU; 0 where there is none ``(N,)``.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> matches = match(Scene.of(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")))
        >>> int((matches.clear >= 0).sum()), int(matches.switched.sum())
        (209, 7)
        >>> matches.table().columns.tolist()
        ['frame', 'object', 'track', 'iou', 'truth_row', 'track_row', 'kind']
    """

    scene: Scene
    layout: Layout
    objects: np.ndarray
    object: np.ndarray
    names: np.ndarray
    name: np.ndarray
    clear: np.ndarray
    clear_iou: np.ndarray
    hota: np.ndarray
    hota_iou: np.ndarray

    @property
    def truth(self) -> Sequence:
        """The annotations that count."""
        return self.scene.truth

    @property
    def tracks(self) -> Sequence:
        """The result boxes that count."""
        return self.scene.tracks

    @property
    def overlaps(self) -> Overlaps:
        """Of the two."""
        return self.scene.overlaps

    @cached_property
    def by_object(self) -> np.ndarray:
        """Annotations in order of object, then frame ``(N,)``."""
        return np.argsort(self.object, kind="stable")

    @cached_property
    def follower(self) -> np.ndarray:
        """Identity of the result box that CLEAR matches with each annotation; −1: missed ``(N,)``."""
        track = np.full(len(self.clear), NONE, dtype=np.int64)
        found = self.clear >= 0
        track[found] = self.names[self.name[self.clear[found]]]
        return track

    @cached_property
    def switched(self) -> np.ndarray:
        """Annotations whose result box has another identity than the object's last one that was matched ``(N,)``."""
        rows = self.by_object[self.clear[self.by_object] >= 0]
        item, track = self.object[rows], self.name[self.clear[rows]]
        switched = np.zeros(len(self.object), dtype=bool)
        switched[rows[1:]] = (np.diff(item) == 0) & (np.diff(track) != 0)
        return switched

    @cached_property
    def unmatched(self) -> np.ndarray:
        """Result boxes that CLEAR matches with no annotation: the false positives ``(M,)`` bool."""
        unmatched = np.ones(len(self.name), dtype=bool)
        unmatched[self.clear[self.clear >= 0]] = False
        return unmatched

    def table(self) -> pd.DataFrame:
        """CLEAR's events, one a row, sorted by frame.

        Returns:
            Columns ``frame``, ``object`` and ``track`` (identities, −1: none), ``iou``, ``truth_row`` and
            ``track_row`` (rows of the two sequences, −1: none) and ``kind``: ``match``, ``switch``, ``miss`` or
            ``false_positive``.
        """
        matched = self.clear >= 0
        kind = np.where(matched, np.where(self.switched, "switch", "match"), "miss")
        lonely = np.flatnonzero(self.unmatched)
        none = np.full(len(lonely), NONE, dtype=np.int64)
        columns = {
            "frame": (self.truth.frames, self.tracks.frames[lonely]),
            "object": (self.objects[self.object], none),
            "track": (self.follower, self.names[self.name[lonely]]),
            "iou": (self.clear_iou, np.zeros(len(lonely))),
            "truth_row": (np.arange(len(matched)), none),
            "track_row": (self.clear, lonely),
            "kind": (kind, np.full(len(lonely), "false_positive")),
        }
        table = pd.DataFrame({column: np.concatenate(parts) for column, parts in columns.items()})
        return table.sort_values("frame", kind="stable").reset_index(drop=True)


def match(scene: Scene) -> Matches:
    """Matches a scene.

    Args:
        scene: the rows that count (:func:`gnntrack.evaluation.benchmarks.prepare`).

    Raises:
        DataError: a box has no identity.
    """
    require_identities(scene.truth, "annotations")
    require_identities(scene.tracks, "results")
    layout = Layout.of(scene.truth, scene.tracks)
    objects, item = numbered(scene.truth.boxes["id"].to_numpy())
    names, name = numbered(scene.tracks.boxes["id"].to_numpy())
    clear, clear_iou = match_clear(scene.overlaps, layout, item, name)
    hota, hota_iou = match_hota(scene.overlaps, layout, item, name)
    return Matches(scene, layout, objects, item, names, name, clear, clear_iou, hota, hota_iou)
