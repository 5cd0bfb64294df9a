"""Writing a graph store: piece by piece, in several processes, resumable, the same bytes every time."""

from __future__ import annotations

import fcntl
import hashlib
import multiprocessing
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.store.index import (
    SHARDS,
    SequenceEntry,
    ShardEntry,
    StoreIndex,
    is_store,
    read_index,
    write_index,
)
from gnntrack.datasets.store.shards import Piece, Written, write_shard
from gnntrack.errors import DataError
from gnntrack.files import make_folder
from gnntrack.graphs import GraphSettings, window_ranges
from gnntrack.graphs.motion import STEPS
from gnntrack.sequence import Sequence

#: Boxes of a shard, about: a shard's graph is built in memory, some kilobytes a box.
SHARD_BOXES = 5_000


def write_store(
    folder: str | Path,
    items: Iterable[Labelled | Sequence],
    settings: GraphSettings = GraphSettings(),
    *,
    workers: int = 1,
    shard_boxes: int = SHARD_BOXES,
    overwrite: bool = False,
    progress: Callable[[ShardEntry], None] | None = None,
) -> StoreIndex:
    """Writes window graphs, or brings a store up to date.

    Memory is bounded by the largest sequence's table and by ``workers`` shards. Shards that exist and were made from
    the same boxes, settings and version are kept, so an interrupted writing goes on where it stopped, and a store that
    is older than its source or its settings is rebuilt where it differs. Two processes do not write at once: the
    second waits, and then finds the work done.

    Args:
        folder: missing, empty, or a graph store.
        items: sequences with the identity of every box (or without: their graphs have no labels); taken one by one.
        settings: how graphs are built.
        workers: processes; the bytes written do not depend on it.
        shard_boxes: boxes of a shard, about.
        overwrite: replace whatever else is in the folder's index and shards.
        progress: called after every shard.

    Returns:
        The index as written.

    Raises:
        DataError: the folder holds something else, or cannot be written.

    Example:
        >>> import tempfile
        >>> from gnntrack.datasets.sample import sample
        >>> index = write_store(tempfile.mkdtemp(), [sample("TUD-Campus", "detections")])
        >>> len(index.shards), index.shards[0].nodes, index.shards[0].windows
        (1, 222, 15)
    """
    folder = Path(folder)
    if not overwrite and not _may_write(folder):
        raise DataError("output exists", remedy="pass --overwrite or choose another", path=folder)
    make_folder(folder / SHARDS)
    with _alone(folder):
        for partial in [*folder.glob(".*.partial"), *(folder / SHARDS).glob(".*.partial")]:
            partial.unlink(missing_ok=True)
        sequences: list[SequenceEntry] = []
        shards: list[ShardEntry] = []
        finished = _finished(folder)
        if finished is None:
            write_index(folder, StoreIndex(settings=settings))
        for piece, written in _built(
            _pieces(items, settings, shard_boxes, sequences), folder / SHARDS, settings, workers
        ):
            entry = ShardEntry(
                file=piece.file,
                sequence=piece.sequence,
                fingerprint=written.fingerprint,
                first=int(piece.windows[0, 0]),
                last=int(piece.windows[-1, 1]),
                windows=len(piece.windows),
                nodes=written.nodes,
                edges=written.edges,
            )
            shards.append(entry)
            if progress is not None:
                progress(entry)
        index = StoreIndex(complete=True, settings=settings, sequences=tuple(sequences), shards=tuple(shards))
        if index != finished:
            write_index(folder, index)
        names = {entry.file for entry in shards}
        for path in (folder / SHARDS).iterdir():
            if path.name not in names:
                path.unlink()
    return index


_LOCK = ".lock"


def _may_write(folder: Path) -> bool:
    """Whether the folder is missing, empty, a store, or one that another process has just begun."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    others = [path.name for path in folder.iterdir() if path.name not in (_LOCK, SHARDS)]
    return is_store(folder) or all(name.endswith(".partial") for name in others)


def _finished(folder: Path) -> StoreIndex | None:
    """The index of a finished store, if it is one."""
    try:
        return read_index(folder)
    except DataError:
        return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits until no other process writes this store; the system frees the lock of a process that was killed."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DataError(f"cannot write: {error.strerror}", remedy="choose another output", path=folder) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _pieces(
    items: Iterable[Labelled | Sequence], settings: GraphSettings, shard_boxes: int, sequences: list[SequenceEntry]
) -> Iterator[Piece]:
    """Cuts every sequence into runs of windows; neighbouring runs share the frames that their windows share."""
    for item in items:
        sequence, identity = (item.sequence, item.identity) if isinstance(item, Labelled) else (item, None)
        number = len(sequences)
        sequences.append(_entry(sequence, identity))
        frame, box, conf = sequence.frames, sequence.xywh, sequence.boxes["conf"].to_numpy()
        windows = np.array(window_ranges(frame, settings), dtype=np.int64).reshape(-1, 2)
        start = np.searchsorted(frame, windows[:, 0])
        stop = np.searchsorted(frame, windows[:, 1], side="right")
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", sequence.name)[:40]
        position, part = 0, 0
        while position < len(windows):
            end = int(np.searchsorted(stop, start[position] + shard_boxes, side="right"))
            end = max(end, position + 1)
            around = [windows[position, 0] - STEPS, windows[end - 1, 1] + STEPS + 1]
            rows = slice(*np.searchsorted(frame, around).tolist())
            yield Piece(
                file=f"{number:05d}-{part:05d}-{plain}.safetensors",
                sequence=number,
                about=sequences[number],
                windows=windows[position:end],
                box=box[rows],
                frame=frame[rows],
                conf=conf[rows],
                row=np.arange(rows.start, rows.stop),
                identity=None if identity is None else identity[rows],
            )
            position, part = end, part + 1


def _entry(sequence: Sequence, identity: np.ndarray | None) -> SequenceEntry:
    digest = hashlib.sha256()
    for array in (sequence.frames, sequence.xywh, sequence.boxes["conf"].to_numpy(), identity):
        if array is not None:
            digest.update(array.tobytes())
    return SequenceEntry(
        name=sequence.name,
        width=sequence.width,
        height=sequence.height,
        frame_rate=sequence.frame_rate,
        length=sequence.length,
        boxes=len(sequence),
        source=digest.hexdigest(),
    )


def _built(
    pieces: Iterator[Piece], folder: Path, settings: GraphSettings, workers: int
) -> Iterator[tuple[Piece, Written]]:
    """Builds and writes the pieces, in order; at most two a worker wait in memory."""
    if workers <= 1:
        for piece in pieces:
            yield piece, write_shard(folder, piece, settings)
        return
    waiting: deque[tuple[Piece, Future[Written]]] = deque()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _end_with_parent, (os.getpid(),)) as pool:
        try:
            for piece in pieces:
                waiting.append((piece, pool.submit(write_shard, folder, piece, settings)))
                if len(waiting) >= 2 * workers:
                    piece, future = waiting.popleft()
                    yield piece, future.result()
            while waiting:
                piece, future = waiting.popleft()
                yield piece, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent(parent: int) -> None:
    """Ends a worker whose parent was killed; it would wait for work for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
