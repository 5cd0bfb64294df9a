"""A shard of a graph store, before it is written and as it is written; needs no torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field

from gnntrack import __version__
from gnntrack.array_saving import write_arrays
from gnntrack.checks import LARGEST_COORDINATE
from gnntrack.datasets.store.index import FEATURES, FIRST, LAST, VERSION, SequenceEntry
from gnntrack.errors import DataError
from gnntrack.files import share_file
from gnntrack.graphs.arrays import graph_arrays, window_arrays
from gnntrack.graphs.settings import GraphSettings
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.tensors import Header, read_header
from gnntrack.outputs.manifest import digest
from gnntrack.recipes import Settings, parse
from gnntrack.sequence import View

_KEY = "gnntrack"  # the only metadata key: safetensors does not keep the order of several
_NODES = ("x", "pos", "box", "frame", "conf", "row")
_TENSORS = (*_NODES, "edge_index", "edge_attr", "spatial_edge_index", "spatial_edge_attr")
_LABELS = ("identity", "edge_label")


@dataclass(frozen=True)
class Piece:
    """All that a shard is made from.

    Attributes:
        file: its name.
        sequence: position of its sequence in the index.
        about: its sequence.
        windows: ``(W, 2)`` first and last frame of every window; boxes of frames before and after the windows are
            there for the features that look back and ahead, and are not stored.
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        conf: ``(N,)``.
        row: ``(N,)`` row of every box in its sequence's table.
        identity: ``(N,)``, or None where there is no ground truth.
    """

    file: str
    sequence: int
    about: SequenceEntry
    windows: np.ndarray
    box: np.ndarray
    frame: np.ndarray
    conf: np.ndarray
    row: np.ndarray
    identity: np.ndarray | None

    def fingerprint(self, settings: GraphSettings) -> str:
        """SHA-256 of the piece, the settings and the version."""
        about = self.about.model_dump(exclude={"source", "boxes", "length"})
        made_by = [VERSION, __version__, FEATURES, settings.model_dump(), about]
        digest = hashlib.sha256(json.dumps(made_by, sort_keys=True).encode())
        for array in (self.windows, self.box, self.frame, self.conf, self.row, self.identity):
            if array is not None:
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(array.tobytes())
        return digest.hexdigest()


class Written(Settings):
    """What a shard says of itself: what it was made from, its sizes, and what its sequence is."""

    fingerprint: str
    nodes: int = Field(ge=0)
    edges: int = Field(ge=0)
    name: str
    width: int = Field(ge=1, le=int(LARGEST_COORDINATE))
    height: int = Field(ge=1, le=int(LARGEST_COORDINATE))
    frame_rate: float = Field(gt=0)


@dataclass(frozen=True)
class Shard:
    """A shard on disk.

    Attributes:
        written: what it says of itself.
        size: bytes.
        sha256: of its bytes.
        built: false if it was there already.
    """

    written: Written
    size: int
    sha256: str
    built: bool


def write_shard(folder: Path, piece: Piece, settings: GraphSettings, earlier: Path | None = None) -> Shard:
    """Builds the graph of a piece and writes it, atomically; a shard that is there already and fits is kept.

    Args:
        folder: to write to.
        piece: what the graph is built from.
        settings: how.
        earlier: another folder of shards; one that fits is taken from there.
    """
    path = folder / piece.file
    fingerprint = piece.fingerprint(settings)
    for place in (path,) if earlier is None else (path, earlier / piece.file):
        there = _written(place)
        if there is not None and there.fingerprint == fingerprint:
            if place != path:
                share_file(place, path)
            return Shard(there, *digest(path), built=False)
    about = piece.about
    graph = graph_arrays(
        piece.box,
        piece.frame,
        piece.conf,
        settings,
        view=View(about.width, about.height, about.frame_rate),
        identity=piece.identity,
    )
    graph["row"] = piece.row.astype(np.int64)
    graph = window_arrays(graph, int(piece.windows[0, FIRST]), int(piece.windows[-1, LAST]))
    arrays = {name: graph[name] for name in (*_TENSORS, *_LABELS) if name in graph}
    arrays["windows"] = _with_sizes(piece.windows, graph)
    written = Written(
        fingerprint=fingerprint,
        nodes=len(graph["frame"]),
        edges=graph["edge_index"].shape[1],
        name=about.name,
        width=about.width,
        height=about.height,
        frame_rate=about.frame_rate,
    )
    write_arrays(path, arrays, {_KEY: written.model_dump_json()})
    return Shard(written, *digest(path), built=True)


def _with_sizes(windows: np.ndarray, graph: dict[str, np.ndarray]) -> np.ndarray:
    """First and last frame, nodes and temporal edges of every window: ``(W, 4)`` int64."""
    frame = graph["frame"]
    start, stop = np.searchsorted(frame, windows[:, FIRST]), np.searchsorted(frame, windows[:, LAST], side="right")
    source, target = graph["edge_index"]
    low, high = np.searchsorted(source, start), np.searchsorted(source, stop)
    edges = [int((target[a:b] < end).sum()) for a, b, end in zip(low, high, stop, strict=True)]
    return np.column_stack([windows, stop - start, np.array(edges, dtype=np.int64)]).astype(np.int64)


def _written(path: Path) -> Written | None:
    """What the shard at ``path`` says of itself; None where there is no whole shard."""
    try:
        return label_of(read_header(path), path)
    except DataError:
        return None


def label_of(header: Header, path: Path) -> Written:
    """What a shard says of itself.

    Raises:
        DataError: it is none.
    """
    if _KEY not in header.metadata:
        raise DataError("not a shard of a graph store", remedy="convert again", path=path)
    content = parse_json(header.metadata[_KEY], path)
    if not isinstance(content, dict):
        raise DataError("not a shard of a graph store", remedy="convert again", path=path)
    return parse(content, Written, path)
