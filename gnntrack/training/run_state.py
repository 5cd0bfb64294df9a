"""What a training run keeps on disk, so that it can go on: when it is written, and what it is held against."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.files import ELSEWHERE, make_folder
from gnntrack.training.checkpoint import is_state, load_state, save_state
from gnntrack.training.interruption import Interrupted, StopSignals
from gnntrack.training.prepared_files import PreparedFiles
from gnntrack.training.ranks import ALONE, Ranks

CHECKPOINT = "last.safetensors"
#: Seconds between checkpoints.
INTERVAL = 120.0
#: Most pieces of prepared data in one file.
_MOST_PIECES = 1000
#: Keys of a description that may change between stop and resumption.
_FREE = ("gnntrack", "torch", "accelerator", "devices", "nodes", "strategy", "precision")
_T = TypeVar("_T")


class RunState:
    """The state of a run: which stages are done, where the one at hand stands, and data that took long to prepare.

    The weights of stages that are done lie beside it; those of networks of the stage at hand are part of the state.

    Entered, it takes SIGINT and SIGTERM: at the next moment at which the state is whole it is written, and
    :class:`Interrupted` is raised.

    Of several processes that train together, the first one has the folder. All of them save, look whether it is time
    to, and stop at the same moments.

    Args:
        folder: where it is kept; None: nowhere, and signals are not taken.
        description: of the run, JSON values; only a run of the same description goes on.
        resume: go on from what the folder holds.
        overwrite: forget what an earlier run has left there.
        every: seconds between checkpoints.
        claim: called with the name of every further file before it is written.
        helper: whether another process has the folder, and this one only takes signals.

    Attributes:
        done: names of the stages that are done.
        finished: weights of the networks of the stage at hand that are done, by name.
        rows: of the log of the stage at hand.
        current: the state of the network at hand.
        ranks: the processes that train together.

    Raises:
        DataError: there is nothing to resume from, it is of another run, or one that was stopped would be forgotten.
    """

    def __init__(
        self,
        folder: Path | None = None,
        description: dict[str, Any] | None = None,
        resume: bool = False,
        overwrite: bool = False,
        every: float = INTERVAL,
        claim: Callable[[str], None] = lambda name: None,
        helper: bool = False,
    ) -> None:
        self.folder, self.description, self.every, self.claim = folder, description or {}, every, claim
        self.done: list[str] = []
        self.finished: dict[str, dict[str, Tensor]] = {}
        self.rows: list[dict[str, Any]] = []
        self.current: dict[str, Any] | None = None
        self.ranks, self.resumed = ALONE, dict[str, Any]()
        self._stop, self._resumed, self._watches = StopSignals(), resume, helper or folder is not None
        self._prepared = PreparedFiles(folder, self.description, claim)
        self._saved = time.monotonic()
        if folder is None:
            return
        path = folder / CHECKPOINT
        if resume:
            if not path.is_file():
                raise DataError("no checkpoint to resume from", remedy="start without --resume", path=path)
            self._load(path)
        elif path.is_file() and not overwrite:
            remedy = "pass --resume to go on with it, --overwrite to start again"
            raise DataError("a run was stopped here", remedy=remedy, path=path)

    def __enter__(self) -> RunState:
        if self.folder is not None:
            make_folder(self.folder)
            try:
                if not self._resumed:
                    self._forget()
                    self.save(None)
            except DataError:
                with suppress(OSError):
                    self.folder.rmdir()  # if nothing is in it
                raise
        if self._watches:
            self._stop.__enter__()
        return self

    def share(self, ranks: Ranks) -> None:
        """Gives the other processes what was read."""
        self.ranks = ranks
        kept: list[Any] = ranks.from_main([self.done, self.finished, self.rows, self.current])
        self.done, self.finished, self.rows, self.current = kept

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watches:
            self._stop.__exit__(kind, error, trace)
        if isinstance(error, DataError) and not self.learned:
            self.close()

    @property
    def learned(self) -> bool:
        """Whether there is anything that would be lost."""
        return bool(self.current is not None or self.finished or self.done)

    def save(self, current: dict[str, Any] | None) -> None:
        """Writes a checkpoint now; ``current`` is the state of the network at hand."""
        self.current, self._saved = current, time.monotonic()
        if self.folder is not None:
            state: dict[str, Any] = {"run": self.description, "done": self.done, "finished": self.finished}
            state |= {"rows": self.rows, "current": current}
            save_state(self.folder / CHECKPOINT, state)

    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        late = self.folder is not None and time.monotonic() - self._saved >= self.every
        return self.ranks.any(late or (self._watches and self._stop.asked))

    def keep_going(self) -> None:
        """Raises where the run was asked to stop; for moments at which all that matters is on disk.

        Raises:
            Interrupted: a signal came.
        """
        if self.ranks.any(self._watches and self._stop.asked):
            raise Interrupted

    def finish(self, name: str, weights: dict[str, Tensor]) -> None:
        """Keeps the weights of a network that is done."""
        self.finished[name] = weights
        self.save(None)
        self.keep_going()

    def end_stage(self, name: str) -> None:
        """Notes that a stage is done and its weights are written; what it had prepared is deleted."""
        self.done.append(name)
        self.finished, self.rows = {}, []
        self.save(None)
        self._delete(self._prepared.paths(f"{name}/*"))
        self.keep_going()

    def prepared(self, name: str, count: int, make: Callable[[int], list[_T]], codec: tuple[Any, Any]) -> list[_T]:
        """Data that is made piece by piece, the pieces that a resumed run has made before included.

        Args:
            name: of the data, ``[STAGE/]NAME``; part of file names.
            count: pieces.
            make: gives piece 0, 1, …, each the same whenever it is made.
            codec: turns an item into JSON values and arrays, and back.
        """
        pack, unpack = codec
        packed, done = self.ranks.from_main(self._prepared.read(name))
        items = [unpack(item) for item in packed]
        first, fresh = done, len(items)
        for start in range(done, count, self.ranks.count):
            stop = min(start + self.ranks.count, count)
            items += self._made(list(range(start, stop)), make, codec)
            if self.due() or stop == count or stop - first >= _MOST_PIECES:
                self._prepared.write(name, first, stop, [pack(item) for item in items[fresh:]])
                first, fresh, self._saved = stop, len(items), time.monotonic()
            self.keep_going()
        return items

    def _made(self, numbers: list[int], make: Callable[[int], list[_T]], codec: tuple[Any, Any]) -> list[_T]:
        """A piece that each process makes, on all of them."""
        (pack, unpack), ranks = codec, self.ranks
        made = ranks.together(lambda: [item for number in ranks.share(numbers) for item in make(number)])
        if ranks.alone:
            return made
        return [unpack(item) for part in ranks.gather([pack(item) for item in made]) for item in part]

    def close(self) -> None:
        """Deletes what was kept, and folders that nothing else is in."""
        if self.folder is not None:
            self._forget()
            with suppress(OSError):
                self.folder.rmdir()

    def _forget(self) -> None:
        assert self.folder is not None
        self._delete([self.folder / CHECKPOINT, *self._prepared.paths("*"), *self._prepared.paths("*/*")])

    def _delete(self, paths: list[Path]) -> None:
        """Deletes states, and the folders of stages in which nothing is left."""
        for path in paths:
            if os.path.lexists(path) and not is_state(path):
                raise DataError("no training state of ours", remedy="move it away", path=path)
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise DataError(f"cannot delete: {error.strerror}", remedy=ELSEWHERE, path=path) from None
            if path.parent != self.folder:
                with suppress(OSError):
                    path.parent.rmdir()

    def _load(self, path: Path) -> None:
        state = load_state(path)
        run = state.get("run")
        if not isinstance(run, dict):
            raise DataError("not readable as training state", remedy="start without --resume", path=path)
        for key, value in self.description.items():
            if key not in _FREE and run.get(key) != value:
                remedy = "give the same options and data, or start without --resume"
                place = ".".join([key, *_difference(run.get(key), value)])
                raise DataError(f"the checkpoint is of a run that differs in {place}", remedy=remedy, path=path)
        self.resumed = run
        self.done, self.finished, self.rows, self.current = (
            state[name] for name in ("done", "finished", "rows", "current")
        )


def _difference(one: object, other: object) -> list[str]:
    """The keys that lead to the first value in which two descriptions differ."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        one, other = dict(enumerate(one)), dict(enumerate(other))
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in other.items():
            if one[key] != value:
                return [str(key), *_difference(one[key], value)]
    return []
