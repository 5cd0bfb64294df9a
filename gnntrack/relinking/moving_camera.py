"""Boxes of a whole video as a camera that stands still would see them, where the camera's motion is known."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import BOX, FRAME
from gnntrack.geometry.camera_motion import CameraMotion, moved
from gnntrack.relinking.surroundings import HIDDEN, Surroundings, find_surroundings, unseen
from gnntrack.scratch import Scratch


def in_first_image(detections: np.ndarray, camera: CameraMotion, scratch: Scratch | None = None) -> np.ndarray:
    """Observations ``(N, 6 + A)``, their boxes moved to where the first image has what they cover.

    Boxes are scaled, not turned: where the camera has turned since the first image, up is no longer up there.
    """
    scratch = scratch or Scratch()
    result, to_first = scratch.empty(detections.shape, np.float64), camera.to_first()
    for rows in scratch.parts(detections[:, FRAME]):
        result[rows] = here = detections[rows]
        result[rows, BOX] = moved(here[:, BOX], to_first[here[:, FRAME].astype(np.int64) - 1])
    return result


def surroundings(
    detections: np.ndarray,
    track: np.ndarray,
    camera: CameraMotion | None = None,
    hidden: int = HIDDEN,
    scratch: Scratch | None = None,
) -> Surroundings:
    """As :func:`.surroundings.find_surroundings` of a whole video, lost tracks moved along with the camera.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame, their boxes as they were seen.
        track: ``(N,)`` of each, from 1; below 1: none.
        camera: its motion, if it is known.
        hidden: frames for which a lost track may be hidden.
        scratch: makes the arrays.
    """
    scratch = scratch or Scratch()
    clear = scratch.empty(len(detections), np.bool_)
    relative = scratch.empty((len(detections), 2), np.float64)
    recent, before = _Recent(), 0
    for part in scratch.parts(detections[:, FRAME]):
        here, tracked = np.ascontiguousarray(detections[part]), np.flatnonzero(track[part] > 0)
        place = recent.add(track[part][tracked])
        frames, starts = np.unique(here[:, FRAME].astype(np.int64), return_index=True)
        edges = np.searchsorted(tracked, np.append(starts, len(here)))
        if camera is None:
            edges = np.unique(edges)
            clear[part], relative[part] = find_surroundings(
                here, tracked, edges, place, recent.box, recent.last, hidden
            )
        else:
            for number, frame in enumerate(frames.tolist()):
                recent.box = moved(recent.box, camera.between(before, frame))
                rows = slice(starts[number], starts[number + 1] if number + 1 < len(frames) else len(here))
                of, ends = place[edges[number] : edges[number + 1]], np.array([0, edges[number + 1] - edges[number]])
                mine = tracked[edges[number] : edges[number + 1]] - rows.start
                there = slice(part.start + rows.start, part.start + rows.stop)
                clear[there], relative[there] = find_surroundings(
                    here[rows], mine, ends, of, recent.box, recent.last, hidden
                )
                before = frame
        recent.forget(float(frames[-1]) - hidden)
    return Surroundings(clear, relative)


class _Recent:
    """The tracks that a part of a video has, and those that were just lost before it.

    Attributes:
        box: ``(K, 4)`` last box of each, cxcywh.
        last: ``(K,)`` frame in which that was.
    """

    def __init__(self) -> None:
        self._names = np.zeros(0, dtype=np.int64)
        self.box, self.last = unseen(0)

    def add(self, track: np.ndarray) -> np.ndarray:
        """The places ``(M,)`` of the tracks of the boxes of a part."""
        names, known = np.union1d(self._names, track), self._names
        box, last = unseen(len(names))
        old = np.searchsorted(names, known)
        box[old], last[old] = self.box, self.last
        self._names, self.box, self.last = names, box, last
        return np.searchsorted(names, track)

    def forget(self, frame: float) -> None:
        """Drops those that were last seen before a frame."""
        kept = self.last >= frame
        self._names, self.box, self.last = self._names[kept], self.box[kept], self.last[kept]
