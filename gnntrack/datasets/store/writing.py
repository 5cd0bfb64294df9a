"""Writing a graph store: piece by piece, in several processes, resumable, the same bytes every time."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.store.index import (
    FIRST,
    LAST,
    SHARDS,
    SequenceEntry,
    ShardEntry,
    StoreIndex,
    read_index,
    write_index,
)
from gnntrack.datasets.store.shards import Piece, Shard, write_shard
from gnntrack.errors import DataError
from gnntrack.files import make_folder
from gnntrack.graphs import GraphSettings, window_ranges
from gnntrack.graphs.motion import STEPS
from gnntrack.outputs import Manifest, OutputFolder, output_folder
from gnntrack.outputs.manifest import relative_to
from gnntrack.sequence import Sequence

#: Boxes of a shard, about: a shard's graph is built in memory, some kilobytes a box.
SHARD_BOXES = 5_000


@dataclass(frozen=True)
class MadeFrom:
    """Where the boxes of a store come from.

    Attributes:
        source: a file or folder.
        selection: what of it, as plain values; a store of another selection is another store.
    """

    source: str | Path | None = None
    selection: dict[str, Any] | None = None


def write_store(
    folder: str | Path,
    items: Iterable[Labelled | Sequence],
    settings: GraphSettings = GraphSettings(),
    *,
    workers: int = 1,
    shard_boxes: int = SHARD_BOXES,
    overwrite: bool = False,
    made_from: MadeFrom = MadeFrom(),
) -> StoreIndex:
    """Writes window graphs, or brings a store up to date.

    Memory is bounded by the largest sequence's table and by ``workers`` shards. The folder is written beside its place
    and takes it once it is whole. Shards that exist and were made from the same boxes, settings and version are kept,
    so a killed writing goes on where it stopped, and a store that is older than its source or its settings is rebuilt
    where it differs. Two processes do not write at once: the second waits, and then finds the work done.

    Args:
        folder: missing, empty, or a graph store that was made from the same source.
        items: sequences with the identity of every box (or without: their graphs have no labels); taken one by one.
        settings: how graphs are built.
        workers: processes; the bytes written do not depend on it.
        shard_boxes: boxes of a shard, about.
        overwrite: replace another earlier output.
        made_from: where the items come from.

    Returns:
        The index as written.

    Raises:
        DataError: the folder is refused (see :func:`gnntrack.outputs.output_folder`), or cannot be written.

    Example:
        >>> import tempfile
        >>> from gnntrack.datasets.sample import sample
        >>> index = write_store(tempfile.mkdtemp(), [sample("TUD-Campus", "detections")])
        >>> len(index.shards), index.shards[0].nodes, index.shards[0].windows
        (1, 222, 15)
    """

    def updates(manifest: Manifest) -> bool:
        same = (manifest.verb, manifest.settings.get("to"), manifest.settings.get("selection"))
        return same == ("convert", "graphs", made_from.selection) and manifest.source == relative_to(
            made_from.source, place
        )

    place = Path(folder).resolve()
    made_with = {"to": "graphs", "selection": made_from.selection, "graph": settings.model_dump(mode="json")}
    with output_folder(
        folder, "convert", source=made_from.source, settings=made_with, overwrite=overwrite, updates=updates
    ) as output:
        sequences: list[SequenceEntry] = []
        shards: list[ShardEntry] = []
        changed = output.earlier is None
        pieces = _pieces(items, settings, shard_boxes, sequences)
        for piece, shard in _built(pieces, output, settings, workers):
            shards.append(
                ShardEntry(
                    file=piece.file,
                    sequence=piece.sequence,
                    fingerprint=shard.written.fingerprint,
                    first=int(piece.windows[0, FIRST]),
                    last=int(piece.windows[-1, LAST]),
                    windows=len(piece.windows),
                    nodes=shard.written.nodes,
                    edges=shard.written.edges,
                )
            )
            changed |= shard.built
            output.files[f"{SHARDS}/{piece.file}"] = shard.size, shard.sha256
        index = StoreIndex(complete=True, settings=settings, sequences=tuple(sequences), shards=tuple(shards))
        output.keep_earlier = not changed and _finished(output.earlier) == index
        if not output.keep_earlier:
            write_index(output.path, index)
    return index


def _finished(folder: Path | None) -> StoreIndex | None:
    """The index of a finished store, if it is one."""
    try:
        return None if folder is None else read_index(folder)
    except DataError:
        return None


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
        start = np.searchsorted(frame, windows[:, FIRST])
        stop = np.searchsorted(frame, windows[:, LAST], side="right")
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", sequence.name)[:40]
        position, part = 0, 0
        while position < len(windows):
            end = int(np.searchsorted(stop, start[position] + shard_boxes, side="right"))
            end = max(end, position + 1)
            around = [windows[position, FIRST] - STEPS, windows[end - 1, LAST] + STEPS + 1]
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
    pieces: Iterator[Piece], output: OutputFolder, settings: GraphSettings, workers: int
) -> Iterator[tuple[Piece, Shard]]:
    """Builds and writes the pieces, in order; at most two a worker wait in memory."""
    folder = output.path / SHARDS
    write = partial(write_shard, settings=settings, earlier=output.earlier and output.earlier / SHARDS)
    make_folder(folder)
    if workers <= 1:
        for piece in pieces:
            yield piece, write(folder, piece)
        return
    waiting: deque[tuple[Piece, Future[Shard]]] = deque()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _end_with_parent, (os.getpid(),)) as pool:
        try:
            for piece in pieces:
                with _without_interrupts():
                    waiting.append((piece, pool.submit(write, folder, piece)))
                if len(waiting) >= 2 * workers:
                    piece, future = waiting.popleft()
                    yield piece, future.result()
            while waiting:
                piece, future = waiting.popleft()
                yield piece, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes that start in this block do not hear Ctrl-C, which a terminal sends to all: their parent ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent(parent: int) -> None:
    """Ends a worker whose parent was killed; it would wait for work for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
