"""Many streams in one process: a tracker each, and one set of weights."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe, load_for_tracking
from gnntrack.models.overriding import overridden, way_of
from gnntrack.showing import shown
from gnntrack.tracking.class_groups import Classes
from gnntrack.tracking.online import Tracker
from gnntrack.tracking.pool.results import PoolResults
from gnntrack.tracking.pool.saved import Member, load_members, may_name, save_members
from gnntrack.tracking.saved import source_of
from gnntrack.tracking.stages import Compilable, shareable
from gnntrack.tracking.warmup_bar import warm_up_with_bar

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


class TrackerPool:
    """Trackers of many streams, by names of yours; each gives byte for byte what a single :class:`.Tracker` gives.

    Streams share the weights, and nothing else: each has its own image size, frame rate, settings and identities, and
    what is wrong with a frame of one is reported for that one alone. Streams come and go while others are tracked.
    Where frames may come faster than they are tracked, put a :class:`.FrameQueue` before the pool.

    All methods may be called from any thread. Threads do not track faster than one does, as compiled code holds
    Python's lock; to use several cores, share the streams out over as many processes with a pool each.

    Args:
        model: see :class:`.Tracker`.
        recipe: likewise.

    Example:
        >>> pool = TrackerPool.from_pretrained("default")
        >>> pool.add("gate", width=1920, height=1080, frame_rate=25)
        >>> pool.add("yard", width=640, height=480, frame_rate=12.5, lag=5)
        >>> results = pool.update({"gate": [[100, 200, 160, 380, 0.9, 0]], "yard": []})
        >>> {stream: rows.shape for stream, rows in results.items()}
        {'gate': (1, 8), 'yard': (0, 8)}
    """

    def __init__(self, model: Compilable | LinkScorer, recipe: ModelRecipe) -> None:
        self.model, self.recipe = shareable(model), recipe
        self.weights: str | None = None  # where they came from, if it is known
        self._members: dict[Hashable, Member] = {}
        self._changing = threading.Lock()  # guards the members, not their trackers

    @classmethod
    def from_pretrained(cls, weights: str | Path = "default", *, warmup: bool = False, **settings: Any) -> TrackerPool:
        """A pool with shipped weights (by name) or with a file that ``gnntrack train`` wrote.

        Args:
            weights: name or path.
            warmup: see :meth:`.Tracker.from_pretrained`.
            **settings: tracking settings of all streams, see :meth:`.Tracker.from_pretrained`.

        Raises:
            DataError: there are no such weights, or no such setting.
        """
        model, recipe = load_for_tracking(weights)
        if warmup:
            warm_up_with_bar(model)
        pool = cls(model, overridden(recipe, settings))
        pool.weights = source_of(weights)
        return pool

    def add(
        self,
        stream: Hashable,
        *,
        width: int | None = None,
        height: int | None = None,
        frame_rate: float = 30.0,
        classes: Classes = "together",
        rounding: Rounding | None = None,
        lag: int = 0,
        **settings: Any,
    ) -> None:
        """Adds a stream.

        Args:
            stream: its name: a text, a number, or anything else that may be a key.
            width: see :class:`.Tracker`, like the others.
            height: likewise.
            frame_rate: likewise.
            classes: likewise.
            rounding: likewise.
            lag: likewise.
            **settings: tracking settings of this stream, see :meth:`.Tracker.from_pretrained`.

        Raises:
            DataError: there is a stream of this name, or a value is not valid.
        """
        if not may_name(stream):
            remedy = "give a text, a number or a tuple"
            raise DataError(f"{shown(stream)} cannot be the name of a stream", remedy=remedy)
        recipe = overridden(self.recipe, settings, way_of("online", lag))
        tracker = Tracker(
            self.model,
            recipe,
            width=width,
            height=height,
            frame_rate=frame_rate,
            classes=classes,
            rounding=rounding,
            lag=lag,
        )
        tracker.weights = self.weights
        self._add(Member(stream, tracker))

    def remove(self, stream: Hashable) -> Tracker:
        """Takes a stream out, once its frame that is being tracked is done.

        Returns:
            Its tracker, which may be flushed, saved or used by itself.

        Raises:
            DataError: there is no such stream.
        """
        with self._changing:
            member = self._member(stream)
            del self._members[stream]
        with member.lock:
            return member.tracker

    def __contains__(self, stream: Hashable) -> bool:
        """Whether there is such a stream."""
        return may_name(stream) and stream in self._members

    def __iter__(self) -> Iterator[Hashable]:
        """The names of the streams, in the order in which they were added."""
        return iter(list(self._members))

    def __len__(self) -> int:
        """How many streams there are."""
        return len(self._members)

    def __getitem__(self, stream: Hashable) -> Tracker:
        """The tracker of a stream, to look at its ``tracks`` or ``view`` while no other thread uses it.

        Raises:
            DataError: there is no such stream.
        """
        return self._member(stream).tracker

    def update(
        self,
        detections: Mapping[Any, Any],
        embeddings: Mapping[Any, np.ndarray] | None = None,
        *,
        cameras: Mapping[Any, Any] | None = None,
        lost: bool = False,
    ) -> PoolResults:
        """Takes the next frame of some of the streams, one stream after another.

        Args:
            detections: of each of these streams, as :meth:`.Tracker.update` takes them.
            embeddings: likewise, of those that have any.
            cameras: how their cameras have moved, likewise.
            lost: likewise.

        Returns:
            The tracks of each. A stream whose frame could not be used is missing: its error is in ``errors``, and is
            raised where its tracks are asked for. That frame does not count, as with a single tracker.

        Raises:
            DataError: there is no such stream, or what is given names none; nothing was tracked then.

        Example:
            >>> pool = TrackerPool.from_pretrained("default")
            >>> pool.add(1)
            >>> pool.add(2)
            >>> results = pool.update({1: [[100, 200, 160, 380, 0.9, 0]], 2: [[160, 200, 100, 380, 0.9, 0]]})
            >>> len(results[1]), 2 in results
            (1, False)
            >>> print(results.errors[2])
            detection 0 has x2 ≤ x1 or y2 ≤ y1: [160. 200. 100. 380.]; pass corners x1, y1, x2, y2, not left, top, w, h
        """
        vectors, motions = ({} if given is None else given for given in (embeddings, cameras))
        named: dict[str, Any] = {"detections": detections, "embeddings": vectors, "cameras": motions}
        for what, given in named.items():
            if not isinstance(given, Mapping):
                remedy = "give them by the names of streams: {'gate': ...}; or call update_one"
                raise DataError(f"{what} are {shown(given)}, without names", remedy=remedy)
        for stream in detections:
            self._member(stream)
        for what, others in (("embeddings", vectors), ("a camera's motion", motions)):
            for stream in others.keys() - detections.keys():
                remedy = "give [] where nothing was found"
                raise DataError(f"{what} for {shown(stream)}, and no detections", remedy=remedy)
        results = PoolResults()
        for stream, found in detections.items():
            known = vectors.get(stream), motions.get(stream)
            try:
                results[stream] = self.update_one(stream, found, known[0], camera=known[1], lost=lost)
            except DataError as error:
                results.errors[stream] = error
        return results

    def update_one(
        self,
        stream: Hashable,
        detections: Any,
        embeddings: np.ndarray | None = None,
        *,
        camera: Any = None,
        lost: bool = False,
    ) -> Any:
        """Takes the next frame of one stream: :meth:`.Tracker.update`.

        Raises:
            DataError: there is no such stream, or the tracker refuses the frame.
        """
        member = self._member(stream)
        with member.lock:
            return member.tracker.update(detections, embeddings, camera=camera, lost=lost)

    def flush(self, stream: Hashable) -> list[Any]:
        """The tracks that a ``lag`` still holds back; the stream begins anew then: :meth:`.Tracker.flush`.

        Raises:
            DataError: there is no such stream.
        """
        member = self._member(stream)
        with member.lock:
            return member.tracker.flush()

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes what all trackers remember to a folder, as a whole, in place of what an earlier call wrote there.

        Each stream is a file of :meth:`.Tracker.save`: it may go on in another pool, or by itself.

        Raises:
            DataError: it cannot be written, the folder holds something else, or the name of a stream is neither a text
                nor a whole number.
        """
        save_members(folder, list(self._members.values()), self.weights, self.recipe)

    @classmethod
    def load(
        cls, folder: str | os.PathLike[str], weights: str | Path | Compilable | LinkScorer | None = None
    ) -> TrackerPool:
        """The pool that :meth:`save` wrote, in any process.

        Args:
            folder: where.
            weights: see :meth:`.Tracker.load`.

        Raises:
            DataError: it is no such folder, was changed, or tracked with other weights.

        Example:
            >>> import tempfile
            >>> folder = Path(tempfile.mkdtemp()) / "streams"
            >>> pool = TrackerPool.from_pretrained("default")
            >>> pool.add("gate", width=640, height=480)
            >>> _ = pool.update_one("gate", [[100, 200, 160, 380, 0.9, 0]])
            >>> pool.save(folder)
            >>> TrackerPool.load(folder).update_one("gate", [[104, 200, 164, 380, 0.9, 0]])[:, 4].tolist()
            [1.0]
        """
        model, recipe, source, members = load_members(folder, weights)
        pool = cls(model, recipe)
        pool.weights = source
        for member in members:
            pool._add(member)
        return pool

    def _add(self, member: Member) -> None:
        with self._changing:
            if member.name in self._members:
                problem = f"there is a stream {shown(member.name)} already"
                raise DataError(problem, remedy="remove it, or choose another name")
            self._members[member.name] = member

    def _member(self, stream: Hashable) -> Member:
        try:
            return self._members[stream]
        except (KeyError, TypeError):
            raise DataError(f"no stream {shown(stream)}", remedy="add it to the pool") from None
