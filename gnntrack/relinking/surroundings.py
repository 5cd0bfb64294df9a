"""Which boxes are clear, neither overlapped nor in front of somebody hidden, and how large they are in their frames."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X
from gnntrack.geometry.compiled_boxes import shared_area
from gnntrack.geometry.medians import median_of

#: Boxes of two tracks with a higher IoU are not clear: their identities may be switched.
OVERLAP = 0.5
#: A track that is lost may be hidden behind a box which covers more than this of its last one, for so many frames. A
#: track that appears covered so much may come from behind.
COVERED, HIDDEN = 0.5, 5
#: Last frame of a track without detections: longer ago than any.
NEVER = -1e9


class Surroundings(NamedTuple):
    """Boxes among the other tracked boxes of their frames.

    Attributes:
        clear: ``(N,)`` whether none overlaps the box too much, no track that was just lost may be hidden behind it, and
            none comes from behind it.
        relative: ``(N, 2)`` logarithm of width and height against the median of the frame.
    """

    clear: np.ndarray
    relative: np.ndarray


def unseen(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes ``(count, 4)`` and frames ``(count,)`` for :func:`find_surroundings`, of new tracks."""
    return np.zeros((count, 4)), np.full(count, NEVER)


@compiled
def find_surroundings(
    detections: np.ndarray,
    rows: np.ndarray,
    starts: np.ndarray,
    track: np.ndarray,
    box: np.ndarray,
    last: np.ndarray,
    hidden: int,
) -> Surroundings:
    """Compares tracked boxes with the others of their frames, and with those of tracks that were just lost.

    Args:
        detections: ``(N, 6)`` observations.
        rows: ``(M,)`` those that are tracked, by frame.
        starts: ``(F + 1,)`` where each frame begins in ``rows``, and M.
        track: ``(M,)`` position of each one's track among K.
        box: ``(K, 4)`` last box of each track, cxcywh; is changed.
        last: ``(K,)`` frame in which that was; is changed.
        hidden: frames for which a lost track may be hidden; 0: never, and none comes from behind a box.
    """
    clear = np.empty(len(detections), dtype=np.bool_)
    for row in range(len(detections)):
        clear[row] = True
    relative, sizes = np.zeros((len(detections), 2)), np.empty((len(rows), 2))
    recent = np.empty(len(last), dtype=np.int64)  # tracks that may be hidden: at first those that were seen just before
    for place in range(len(last)):
        recent[place] = place
    number = len(last)
    appears = np.empty(len(rows), dtype=np.bool_)
    for frame in range(len(starts) - 1):
        here = rows[starts[frame] : starts[frame + 1]]
        if not len(here):
            continue
        now = detections[here[0], FRAME]
        kept = 0
        for place in recent[:number]:
            if now - last[place] <= hidden:
                recent[kept] = place
                kept += 1
        number = kept
        for one in range(len(here)):
            appears[one] = now - last[track[starts[frame] + one]] > 1.0 and hidden > 0
        left = np.empty(len(here))
        for one in range(len(here)):
            left[one] = detections[here[one], X] - detections[here[one], WIDTH] / 2
        order = np.argsort(left)  # boxes overlap only where one begins before the other ends
        for rank in range(len(here)):
            one = order[rank]
            a = detections[here[one]]
            for later in range(rank + 1, len(here)):
                other = order[later]
                if left[other] >= a[X] + a[WIDTH] / 2:
                    break
                b = detections[here[other]]
                common, size, others = shared_area(a, b), a[WIDTH] * a[HEIGHT], b[WIDTH] * b[HEIGHT]
                behind = (appears[one] and common > COVERED * size) or (appears[other] and common > COVERED * others)
                if behind or common > OVERLAP * (size + others - common):
                    clear[here[one]] = clear[here[other]] = False
        for one in range(len(here)):
            place = track[starts[frame] + one]
            if now - last[place] > hidden:
                recent[number] = place
                number += 1
            for side in range(4):
                box[place, side] = detections[here[one], side]
            last[place] = now
        for place in recent[:number]:
            if last[place] < now:
                right, area = box[place, X] + box[place, WIDTH] / 2, box[place, WIDTH] * box[place, HEIGHT]
                for one in order:
                    if left[one] >= right:
                        break
                    if shared_area(detections[here[one]], box[place]) > COVERED * area:
                        clear[here[one]] = False
        for side in range(2):
            for one in range(len(here)):
                sizes[one, side] = np.log(detections[here[one], WIDTH + side])
            middle = median_of(sizes, side, len(here))
            for one in range(len(here)):
                relative[here[one], side] = sizes[one, side] - middle
    return Surroundings(clear, relative)
