"""Correcting identities online: once a crossing is over, the tracklets on both sides of it are linked again."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import COLUMNS, FRAME, observations
from gnntrack.geometry.camera_motion import moved
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.correction import Corrected, Correcting, Correction
from gnntrack.relinking.naming import find
from gnntrack.relinking.settings import RelinkingSettings
from gnntrack.relinking.settling import apart
from gnntrack.relinking.state_checks import check_identities, check_known, check_links, check_settled, check_window
from gnntrack.relinking.window import GROUP, SETTLED, SHOWN, WINDOW_COLUMNS, KnownTracks, Window, look, note, show
from gnntrack.sequence import View
from gnntrack.state import Layout, State, checked, given_back, named_below, part_of, require, taken

#: Minimum number of frames between two corrections; crossings in between are handled together.
PAUSE = 8
_NONE = np.zeros(0, dtype=np.int64)


#: The attributes of :class:`Identities`, beside the window and the known tracks; the fields of these.
_LAYOUT: Layout = {
    "_decided": ("i8", 2, "L"),
    "_last_identity": ("i8",),
    "_asked": ("?",),
    "_last_answer": ("i8",),
}
_KNOWN: Layout = {
    "tracks": ("i8", "K"),
    "shown": ("i8", "K"),
    "clear": ("i8", "K"),
    "least": ("f8", "K"),
    "boxes": ("f8", "K", 4),
    "last": ("f8", "K"),
}
_CORRECTED: Layout = {"decided": ("i8", 2, "L"), "shown": ("i8", "K"), "settled": ("f8", "N")}


class Identities:
    """The identities that the tracks of an online tracker show.

    Frame by frame, the tracker may switch identities while two objects occlude each other. Once both have been clear
    for :data:`.cutting.SHORTEST` frames, the tracklets of the last frames are linked again, as the offline tracker
    does with the whole video. If that finds a switch, the tracks exchange their identities. Half of that work is left
    to the next frame, which is the first to show them. Earlier output stays::

        track 1     A A A A ○ ○ ● ● ● B B B     ○ not clear    ● clear, but for too short a time
        track 2     B B B B ○ ○ ● ● ● A A A

    Nothing is kept for longer than :data:`.window.WINDOW` frames.

    Args:
        network: scores the links between tracklets.
        settings: threshold, and the number of tracks in view above which nothing is corrected; with a lag, those of
            the offline mode.
        view: of the video.
        memory: frames for which the tracker keeps tracks at most.
        lag: frames for which :meth:`settled` may still change an identity, fewer than :data:`.window.WINDOW`.
        margin: how much more probable a link must be than the others of its two tracklets.
    """

    def __init__(
        self,
        network: CompiledTrackletNetwork,
        settings: RelinkingSettings,
        view: View,
        memory: int,
        lag: int = 0,
        margin: float = 0.0,
    ) -> None:
        self._memory = memory + 1
        self._crowd = settings.crowd if lag else settings.crowd_online
        threshold = settings.threshold if lag else settings.threshold_online
        self._new_usefulness = network.usefulness
        self._how = Correcting(network.settings, network.members, threshold, margin, lag, view)
        self._reset()

    def _reset(self) -> None:
        self._window = Window(WINDOW_COLUMNS)
        self._decided = np.zeros((2, 0), dtype=np.int64)  # links between tracklets, as their keys
        self._known = KnownTracks.begun(_NONE, _NONE)
        self._newest = self._last_identity = 0
        self._asked, self._last_answer = False, 0
        self._usefulness = self._new_usefulness()
        self._begun: Correction | Corrected | None = None

    def rehearse(self) -> None:
        """Goes through a crossing, so that all is compiled before a stream starts, and forgets it."""
        embeddings = np.eye(2) if self._how.shape.appearance else None
        for frame in range(PAUSE, 4 * PAUSE):
            left = 8.0 * (frame - 2 * PAUSE)
            boxes = np.array([[left, 0.0, 40.0, 90.0], [-left, 5.0, 40.0, 90.0]])
            self.show(observations(boxes, np.ones(2), frame, embeddings), np.array([1, 2]), np.zeros(2))
        self.finish()
        self._reset()

    def show(
        self,
        detections: np.ndarray,
        ids: np.ndarray,
        probability: np.ndarray,
        groups: np.ndarray | None = None,
        camera: np.ndarray | None = None,
    ) -> np.ndarray:
        """The identities of a new frame.

        Args:
            detections: ``(D, 6 + A)`` observations.
            ids: ``(D,)`` the track of each; 0: none, negative: not confirmed.
            probability: ``(D,)`` probability of the link by which its track came to each.
            groups: ``(D,)`` only tracks of one group may exchange identities; a track has one. None: all are of one.
            camera: ``(2, 3)`` its motion since the last frame, if it is known.

        Returns:
            ``(D,)`` identities, with the signs of ``ids``.
        """
        self.finish()
        if camera is not None:
            self._window.move(camera)
            self._known = self._known._replace(boxes=moved(self._known.boxes, camera))
        frame = int(detections[0, FRAME]) if len(detections) else 0
        count, newest, gone = look(ids, self._known.last, float(frame - self._memory))
        if not count:
            return ids
        if gone:
            self._known = self._known.take(self._known.last >= frame - self._memory)
        if newest > self._newest:
            self._welcome(np.abs(ids))
        dimension = detections.shape[1] - COLUMNS if self._how.shape.appearance else 0
        new = self._window.add(count, frame, WINDOW_COLUMNS + dimension)
        tracked, place, uncertain = note(detections, ids, probability, self._known, new)
        if dimension:
            new[:, WINDOW_COLUMNS : WINDOW_COLUMNS + dimension] = detections[tracked, COLUMNS : COLUMNS + dimension]
        if groups is not None:
            new[:, GROUP] = groups[tracked]
        self._asked |= uncertain
        if self._asked and frame >= self._last_answer + PAUSE and count <= self._crowd:
            self._asked, self._last_answer = False, frame
            self._begin(frame)
        return show(ids, tracked, place, self._known.shown, new)

    def identities(self, tracks: np.ndarray) -> np.ndarray:
        """The identities ``(T,)`` that tracks show now, which the tracker has not removed."""
        return self._known.shown[np.searchsorted(self._known.tracks, tracks)]

    def knows(self, tracks: np.ndarray, last: np.ndarray) -> bool:
        """Whether all of these tracks ``(T,)`` have an identity, and were last seen in these frames."""
        place = find(self._known.tracks, tracks)
        return bool((place >= 0).all() and (self._known.last[place] == last).all())

    def waiting(self, frame: int) -> int:
        """How many boxes of an earlier frame are remembered."""
        return len(self._window.of(frame))

    def settled(self, frame: int) -> np.ndarray:
        """The identities ``(M,)`` of the tracked boxes of an earlier frame, as the corrections since have left them.

        Call it once for each frame with tracks, ``lag`` frames late; no two boxes of the frame share an identity.
        """
        rows = self._window.of(frame)
        wanted, first = (rows[:, column].astype(np.int64) for column in (SETTLED, SHOWN))
        result = apart(wanted, first, self._last_identity + 1)
        self._last_identity = max(self._last_identity, int(result.max(initial=0)))
        return result

    def finish(self) -> None:
        """Finishes the correction that the newest frame has begun, if it has: tracks show what it finds."""
        found = self._found()
        if found is not None:
            self._decided = found.decided
            self._known = self._known._replace(shown=found.shown)
            if self._how.lag:
                self._window.rows[:, SETTLED] = found.settled
        self._begun = None

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        known = {f"known.{name}": values.copy() for name, values in self._known._asdict().items()}
        useful = {} if self._usefulness is None else named_below("usefulness.", self._usefulness.state())
        found = self._found()
        begun = {} if found is None else named_below("begun.", found._asdict())
        return taken(self, _LAYOUT) | known | useful | begun | {"window": self._window.rows.copy()}

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        given_back(self, _LAYOUT, state)
        sizes: dict[str, int] = {}
        known = (checked(state, f"known.{name}", *about, sizes=sizes) for name, about in _KNOWN.items())
        self._known = KnownTracks(*known)
        self._newest = int(self._known.tracks.max(initial=0))
        rows = checked(state, "window", "f8", "N", "columns")
        require(rows.shape[1] >= WINDOW_COLUMNS, "boxes without all columns")
        check_known(self._known, self._last_identity)
        check_window(rows, self._known, self._last_identity)
        check_links(self._decided)
        self._window.restore(rows)
        begun, sizes = part_of(state, "begun."), {"K": len(self._known.tracks), "N": len(rows) if self._how.lag else 0}
        self._begun = None
        if begun:
            self._begun = Corrected(*(checked(begun, name, *about, sizes=sizes) for name, about in _CORRECTED.items()))
            check_links(self._begun.decided)
            check_identities(self._begun.shown, self._last_identity)
            check_settled(self._begun.settled, self._last_identity)
        if self._usefulness is not None:
            self._usefulness.restore(part_of(state, "usefulness."))

    def _welcome(self, track: np.ndarray) -> None:
        """Adds the tracks that are new."""
        fresh = np.sort(track[track > self._newest])
        identities = self._last_identity + 1 + np.arange(len(fresh))
        self._known = self._known.followed_by(KnownTracks.begun(fresh, identities))
        self._newest = int(fresh[-1])
        self._last_identity += len(fresh)

    def _begin(self, frame: int) -> None:
        """Begins to link the tracklets of the window."""
        self._window.forget(frame)
        self._begun = Correction(self._window.rows, self._known, self._decided, frame, self._how, self._usefulness)

    def _found(self) -> Corrected | None:
        """What the correction that has begun finds; None: none has."""
        if isinstance(self._begun, Correction):
            self._begun = self._begun.finish(self._window.rows)
        return self._begun
