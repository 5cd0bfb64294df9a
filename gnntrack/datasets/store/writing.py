"""Writing a graph store: piece by piece, in several processes, resumable, the same bytes every time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
from gnntrack.datasets.store.pieces import Piece, Shard, write_shard
from gnntrack.errors import DataError
from gnntrack.files import make_folder
from gnntrack.graphs.arrays import window_ranges
from gnntrack.graphs.motion import STEPS
from gnntrack.graphs.settings import GraphSettings
from gnntrack.outputs import Manifest, OutputFolder, output_folder
from gnntrack.outputs.manifest import relative_to
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.tasks import Failures, Workers, opened
from gnntrack.tasks.outcome import Task

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
    workers: int | Workers = 1,
    shard_boxes: int = SHARD_BOXES,
    overwrite: bool = False,
    made_from: MadeFrom = MadeFrom(),
) -> StoreIndex:
    """Writes window graphs, or brings a store up to date.

    Memory is bounded by the largest sequence's table and by a few shards for each worker. The folder is written beside
    its place and takes it once it is whole. Shards that exist and were made from the same boxes, settings and version
    are kept, so a killed writing goes on where it stopped, and a store that is older than its source or its settings
    is rebuilt where it differs. Two processes do not write at once: the second waits, and then finds the work done.

    Args:
        folder: missing, empty, or a graph store that was made from the same source.
        items: sequences with the identity of every box (or without: their graphs have no labels); taken one by one.
        settings: how graphs are built.
        workers: where shards are built, or in how many processes; the bytes written do not depend on it.
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

    place = as_path(folder).resolve()
    made_with = {"to": "graphs", "selection": made_from.selection, "graph": settings.model_dump(mode="json")}
    with output_folder(
        folder, "convert", source=made_from.source, settings=made_with, overwrite=overwrite, updates=updates
    ) as output:
        sequences: list[SequenceEntry] = []
        found: dict[str, ShardEntry] = {}
        changed = output.earlier is None
        pieces = _pieces(items, settings, shard_boxes, sequences)
        for piece, shard in _built(pieces, output, settings, Workers.of(workers)):
            found[piece.file] = ShardEntry(
                file=piece.file,
                sequence=piece.sequence,
                fingerprint=shard.written.fingerprint,
                first=int(piece.windows[0, FIRST]),
                last=int(piece.windows[-1, LAST]),
                windows=len(piece.windows),
                nodes=shard.written.nodes,
                edges=shard.written.edges,
            )
            changed |= shard.built
            output.files[f"{SHARDS}/{piece.file}"] = shard.size, shard.sha256
        shards = sorted(found.values(), key=lambda entry: (entry.sequence, entry.first))
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
    pieces: Iterator[Piece], output: OutputFolder, settings: GraphSettings, workers: Workers
) -> Iterator[tuple[Piece, Shard]]:
    """Builds and writes the pieces, as they come; only a few wait in memory."""
    folder = output.path / SHARDS
    earlier = None if output.earlier is None else output.earlier / SHARDS
    make_folder(folder)
    waiting: dict[int, Piece] = {}
    sequences, failures = 0, Failures(None, workers.fail_fast)

    def tasks() -> Iterator[Task]:
        nonlocal sequences
        for number, piece in enumerate(pieces):
            waiting[number], sequences = piece, piece.sequence + 1
            yield {"about": piece.file, "folder": folder, "piece": piece, "settings": settings, "earlier": earlier}

    with opened(workers) as engine:
        for outcome in engine.run(build, tasks()):
            piece = waiting.pop(outcome.number)
            try:
                shard = outcome.got()
            except DataError as error:
                failures.note(piece.sequence, error)
            else:
                yield piece, shard
    failures.total = sequences
    failures.raise_any("graphs", there=False)


def build(task: Task) -> Shard:
    """Builds and writes one piece."""
    return write_shard(task["folder"], task["piece"], task["settings"], task["earlier"])
