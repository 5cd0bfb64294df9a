"""Errors of real detections, copied onto the annotations of another video.

::

    a track       ────────────────────────────────────────────────
    its errors    calm stretches │ a whole crossing │ calm ones        of donors: real tracks and crossings

Every track is filled with stretches of donors' tracks in which nothing crosses. Then each crossing, from the least
overlapping to the most, is overwritten by a donor's crossing that is much alike: peaks on each other, stretched in
time, mirrored where the object behind is on the other side. So a box that grows over two people, halves of boxes, and
an object that is lost for as long as it is hidden come along.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from gnntrack.datasets.synthetic.copied_errors import CopiedErrors, for_one_video
from gnntrack.datasets.synthetic.crossings import by_track, find_crossings
from gnntrack.datasets.synthetic.false_boxes import draw_background
from gnntrack.datasets.synthetic.moves import RIGHT, moved
from gnntrack.datasets.synthetic.simulated import FALSE, OBJECT, box_table
from gnntrack.datasets.synthetic.suppression import suppress
from gnntrack.datasets.synthetic.tables import copula
from gnntrack.sequence import BOX, Sequence

#: A crossing is one of so many that are most alike.
_NEAREST = 6
#: Rows before a seam in which errors fade into those after it.
_FADING = 2
#: Confidences fall by up to this share, times how much larger errors are made.
_LESS_SURE = 0.08
#: Second boxes beside objects: how far they are off, memory from frame to frame, share of the frames in which they may
#: begin or end, and their confidences.
_SECOND_SPREAD, _SECOND_MEMORY, _SECOND_TURNS = (0.25, 0.12, 0.2, 0.15), 0.9, 0.1
_SECOND_CONFIDENCE = (0.1, 0.85)


@dataclass(frozen=True)
class _Copy:
    """Where the errors of N annotated boxes, by track, come from.

    Attributes:
        row: ``(N,)`` of the donors.
        piece: ``(N,)`` number of the stretch or crossing.
        side: ``(N,)`` −1 where left and right are exchanged, otherwise 1.
    """

    row: np.ndarray
    piece: np.ndarray
    side: np.ndarray


def boxes_from_copies(truth: Sequence, errors: CopiedErrors, rng: np.random.Generator) -> pd.DataFrame:
    """Boxes in the making (:mod:`gnntrack.datasets.synthetic.simulated`) for the annotations of a video.

    Raises:
        DataError: the video is so long that its false positives would not fit into memory.
    """
    errors = for_one_video(errors, rng)
    hardness = errors.hardness.draw(rng)
    background = draw_background(truth, errors.background, rng)
    if not len(truth):
        return background
    order = by_track(truth)
    frame, box, identity = truth.frames[order], truth.xywh[order], truth.boxes["id"].to_numpy()[order]
    track = np.cumsum(np.diff(identity, prepend=identity[0]) != 0)
    copy = _copy(truth, track, errors, rng)
    found = errors.found[copy.row]
    moves = errors.moves[copy.row] * _mirror(copy.side)
    moves = hardness.error_scale * _faded(moves, found, copy.piece, track)
    less = _LESS_SURE * max(hardness.error_scale - 1, 0) * rng.random(len(track))
    confidence = errors.confidence[copy.row] * (1 - less)
    objects = box_table(frame[found], moved(box, moves)[found], confidence[found]).assign(**{OBJECT: order[found]})

    first, last = (np.searchsorted(errors.beside, copy.row, side=side) for side in ("left", "right"))
    own = np.repeat(np.arange(len(track)), last - first)  # the box that each false positive is beside
    false = _ranges(first, last)
    place = moved(box[own], errors.beside_moves[false] * _mirror(copy.side[own]))
    beside = box_table(frame[own], place, errors.beside_confidence[false])
    beside = beside.assign(**{OBJECT: order[own], FALSE: 4 * track[own]})

    second = _second_boxes(truth, order, track, hardness.second_boxes, rng)
    table = pd.concat([objects, beside, second, background], ignore_index=True)
    if hardness.suppression < 1:
        confidence, when = table["conf"].to_numpy(), table["frame"].to_numpy()
        table = table[suppress(table[BOX].to_numpy(), confidence, when, hardness.suppression)]
    return table


def _mirror(side: np.ndarray) -> np.ndarray:
    """Factors ``(N, 4)`` of moves."""
    factor = np.ones((len(side), 4))
    factor[:, RIGHT] = side
    return factor


def _ranges(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The whole numbers from each first up to before each last, one after the other."""
    count = last - first
    return np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())


def _copy(truth: Sequence, track: np.ndarray, errors: CopiedErrors, rng: np.random.Generator) -> _Copy:
    bounds = [*np.flatnonzero(np.diff(track, prepend=-1)), len(track)]
    parts = [_calm(errors.calm, high - low, rng) for low, high in pairwise(bounds)]
    count = np.cumsum([0, *(part.piece[-1] + 1 for part in parts)])
    row, side = (np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "side"))
    piece = np.concatenate([part.piece + start for part, start in zip(parts, count[:-1], strict=True)])
    _overwrite(_Copy(row, piece, side), truth, errors, int(count[-1]), rng)
    return _Copy(row, piece, side)


def _calm(stretches: np.ndarray, length: int, rng: np.random.Generator) -> _Copy:
    """Stretches, one after the other, for so many boxes of a track."""
    first, size = stretches.min(1), np.diff(stretches).ravel()
    most = -(-length // ((int(size.min()) + 1) // 2))  # at least half of a stretch is taken
    which = np.searchsorted(np.cumsum(size), rng.integers(0, size.sum(), most), side="right")
    skipped = rng.integers(0, np.maximum(size[which] // 2, 1))
    side = rng.choice([-1.0, 1.0], most)
    taken = size[which] - skipped
    enough = int(np.searchsorted(np.cumsum(taken), length)) + 1
    which, skipped, taken = which[:enough], skipped[:enough], taken[:enough]
    row = _ranges(first[which] + skipped, first[which] + skipped + taken)[:length]
    piece = np.repeat(np.arange(enough), taken)[:length]
    return _Copy(row, piece, side[piece])


def _overwrite(copy: _Copy, truth: Sequence, errors: CopiedErrors, number: int, rng: np.random.Generator) -> None:
    """Puts donors' crossings in the place of the crossings of this video; pieces are counted from ``number``."""
    here, _ = find_crossings(truth)
    donors = errors.crossings
    if not len(here) or not len(donors):
        return
    alike = min(_NEAREST, len(donors))
    nearest = cKDTree(donors.traits).query(here.traits, alike, p=1)[1].reshape(len(here), alike)
    chosen = nearest[np.arange(len(here)), rng.integers(0, alike, len(here))]
    for crossing in np.argsort(here.overlap, kind="stable"):
        donor = chosen[crossing]
        for who in range(2):  # in front, behind
            rows = slice(here.first[crossing, who], here.last[crossing, who])
            first, last = donors.first[donor, who], donors.last[donor, who]
            time = np.linspace(0, 1, rows.stop - rows.start)
            there = np.interp(time, [0, here.peak[crossing], 1], [0, donors.peak[donor], 1])
            copy.row[rows] = first + np.rint(there * (last - first - 1)).astype(np.int64)
            copy.piece[rows] = number + 2 * crossing + who
            copy.side[rows] = here.side[crossing] * donors.side[donor]


def _faded(moves: np.ndarray, found: np.ndarray, piece: np.ndarray, track: np.ndarray) -> np.ndarray:
    """Errors ``(N, 4)`` that go over from one piece into the next, in the last rows of the first."""
    result = moves.copy()
    seams = np.flatnonzero(np.diff(piece, prepend=piece[0])) if len(piece) else np.zeros(0, dtype=int)
    for back in range(1, _FADING + 1):
        after = seams[seams >= back]
        before = after - back
        both = (track[before] == track[after]) & found[before] & found[after]
        before, after = before[both], after[both]
        share = back / (_FADING + 1)
        result[before] = share * moves[before] + (1 - share) * moves[after]
    return result


def _second_boxes(
    truth: Sequence, order: np.ndarray, track: np.ndarray, share: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Second boxes beside a share of the objects, which come and go."""
    turns = (np.diff(track, prepend=-1) != 0) | (rng.random(len(track)) < _SECOND_TURNS)
    spell = np.cumsum(turns) - 1
    there = np.flatnonzero((rng.random(len(track)) < share)[spell])
    drift = copula(truth, np.full(4, _SECOND_MEMORY), np.eye(4), rng)
    rows = order[there]
    boxes = moved(truth.xywh[rows], drift[rows] * np.array(_SECOND_SPREAD))
    table = box_table(truth.frames[rows], boxes, rng.uniform(*_SECOND_CONFIDENCE, len(rows)))
    return table.assign(**{OBJECT: rows, FALSE: 4 * spell[there] + 2})
