"""The tracklets of a whole video, found part by part: what is kept of all is a row a tracklet."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import COLUMNS, FRAME
from gnntrack.geometry import CENTRE
from gnntrack.geometry.camera import camera_path
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.relinking.cutting import NO_TRACKLET
from gnntrack.relinking.ends import Ends, foot_boxes
from gnntrack.relinking.moving_camera import in_first_image, surroundings
from gnntrack.relinking.surroundings import HIDDEN, Surroundings
from gnntrack.relinking.tracklets import Tracklets, find_tracklets
from gnntrack.scratch import Scratch
from gnntrack.track_order import whole_tracks


def tracklets_of_video(
    detections: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    camera: CameraMotion | None = None,
    groups: np.ndarray | None = None,
    hidden: int = HIDDEN,
    scratch: Scratch | None = None,
) -> tuple[np.ndarray, Tracklets]:
    """Cuts tracks as :func:`.tracklets.find_tracklets` does; a few tracks at a time, as they need not be whole to cut.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        track: ``(N,)`` the track of each, from 1; below 1: none.
        probability: ``(N,)`` of the link by which its track came to each.
        camera: its motion, by which all boxes are brought into the first image, if it is known.
        groups: ``(N,)`` of the boxes; None: all are of one.
        hidden: frames for which a lost track may be hidden behind a box.
        scratch: makes the arrays.

    Returns:
        The observations as a camera that stands still would see them, and the tracklets.
    """
    scratch = scratch or Scratch()
    around = surroundings(detections, track, camera, hidden, scratch)
    still = detections if camera is None or not len(detections) else in_first_image(detections, camera, scratch)
    stands = _camera(still, track, scratch)
    of, count = scratch.full(len(track), NO_TRACKLET, np.int64), 0
    found = []
    for by_track in whole_tracks(track, scratch):
        rows = np.sort(by_track)
        here = find_tracklets(
            still[rows],
            track[rows],
            probability[rows],
            Surroundings(around.clear[rows], around.relative[rows]),
            groups=None if groups is None else groups[rows],
            camera=stands[rows],
        )
        of[rows] = np.where(here.of == NO_TRACKLET, NO_TRACKLET, here.of + count)
        following = np.where(here.following == NO_TRACKLET, NO_TRACKLET, here.following + count)
        found.append((here, following))
        count += len(here)
    if not found:
        return still, find_tracklets(still[:0], track[:0], probability[:0])
    pieces = [here for here, _ in found]
    joined = {
        name: np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("track", "size", "weakest_link", "appearance", "group")
    }
    tail, head = (
        Ends(*map(np.concatenate, zip(*(getattr(piece, end) for piece in pieces), strict=True)))
        for end in ("tail", "head")
    )
    following = np.concatenate([following for _, following in found])
    return still, Tracklets(of=of, following=following, tail=tail, head=head, **joined)


def _camera(detections: np.ndarray, track: np.ndarray, scratch: Scratch) -> np.ndarray:
    """Where the camera stands in the frame of each box ``(N, 2)``, as the boxes tell."""
    result, stands = scratch.empty((len(detections), 2), np.float64), np.zeros(2)
    last = np.zeros((0, COLUMNS)), np.zeros(0, dtype=np.int64)  # boxes and tracks of the last frame
    for part in scratch.parts(detections[:, FRAME]):
        here = np.concatenate([last[0], detections[part, :COLUMNS]])
        name = np.concatenate([last[1], track[part]])
        frame, box = here[:, FRAME].copy(), foot_boxes(here)
        order = np.argsort(name, kind="stable")
        row, before = order[1:], order[:-1]
        step, known = np.zeros((len(here), 2)), np.zeros(len(here), dtype=bool)
        known[row] = (name[row] > 0) & (name[row] == name[before]) & (frame[row] == frame[before] + 1)
        step[row] = box[row, CENTRE] - box[before, CENTRE]
        new = slice(len(last[0]), None)
        result[part] = camera_path(frame[new].copy(), step[new].copy(), known[new].copy(), stands)
        stands = result[part.stop - 1].copy()
        newest = frame == frame[-1]
        last = here[newest], name[newest]
    return result
