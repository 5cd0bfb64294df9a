"""``index.json``: what a graph store holds, under which settings, made from what, by which version."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

from pydantic import Field

from gnntrack import __version__
from gnntrack.errors import DataError
from gnntrack.files import partial_of, write_text
from gnntrack.graphs.feature_columns import EDGE_FEATURES, NODE_FEATURES, SPATIAL_FEATURES
from gnntrack.graphs.settings import GraphSettings
from gnntrack.loaders.json_text import read_json
from gnntrack.recipes import Settings, parse
from gnntrack.remote import as_path, is_remote
from gnntrack.showing import shown

INDEX, SHARDS = "index.json", "shards"
#: Columns of the windows of a shard: first and last frame, boxes, edges.
FIRST, LAST, _, EDGES = range(4)
#: Raised whenever shards of an older version would be read wrongly.
VERSION = 1
#: What the columns of node and edge features mean; a store of others is not read.
FEATURES = (NODE_FEATURES, EDGE_FEATURES, SPATIAL_FEATURES)
_SHARD_NAME = re.compile(r"\d{5}-\d{5}-[A-Za-z0-9_-]{0,40}\.safetensors")


class ShardEntry(Settings):
    """One shard: the graph of a run of frames of one sequence.

    Attributes:
        file: its name in ``shards/``.
        sequence: position of its sequence in the index.
        fingerprint: SHA-256 of all that it was made from; the shard repeats it.
        first: its first frame.
        last: its last frame.
        windows: windows that lie in it.
        nodes: boxes.
        edges: temporal edges.
    """

    file: str
    sequence: int = Field(ge=0)
    fingerprint: str
    first: int
    last: int
    windows: int = Field(ge=0)
    nodes: int = Field(ge=0)
    edges: int = Field(ge=0)


class SequenceEntry(Settings):
    """One sequence: what the shards do not say.

    Attributes:
        name: of the sequence; one that gave annotated and detected boxes stands twice.
        width: of the image.
        height: of the image.
        frame_rate: frames a second.
        length: frames.
        boxes: boxes.
        source: SHA-256 of its boxes and identities.
    """

    name: str
    width: int
    height: int
    frame_rate: float
    length: int
    boxes: int
    source: str


class StoreIndex(Settings):
    """The whole index.

    Attributes:
        format: always ``gnntrack-graphs``.
        version: of the layout.
        gnntrack: version of the package that wrote it.
        features: names of the node, edge and neighbour features.
        complete: false while the store is being written.
        settings: how graphs were built.
        sequences: in the order of writing.
        shards: in the order of sequences and time.
    """

    format: Literal["gnntrack-graphs"] = "gnntrack-graphs"
    version: int = VERSION
    gnntrack: str = __version__
    features: tuple[tuple[str, ...], ...] = FEATURES
    complete: bool = False
    settings: GraphSettings = GraphSettings()
    sequences: tuple[SequenceEntry, ...] = ()
    shards: tuple[ShardEntry, ...] = ()


def read_index(folder: str | Path) -> StoreIndex:
    """The index of a finished store.

    Raises:
        DataError: there is none, or it is unfinished, of another version, or names files elsewhere.
    """
    path = as_path(folder) / INDEX
    if not path.is_file():
        place = as_path(folder).resolve()
        if is_remote(place):
            place.check()
        elif place.name and partial_of(place).is_dir():
            raise DataError("the store is unfinished", remedy="convert again; what is there is kept", path=path)
        raise DataError("no graph store", remedy="make one with gnntrack convert --to graphs", path=folder)
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != "gnntrack-graphs":
        raise DataError("not the index of a graph store", remedy="expected gnntrack-graphs", path=path)
    if content.get("version") != VERSION:
        problem = f"store of version {shown(content.get('version'))}, expected {VERSION}"
        raise DataError(problem, remedy="convert again", path=path)
    index = parse(content, StoreIndex, path)
    if index.features != FEATURES or index.gnntrack != __version__:
        problem = f"the store's features are those of gnntrack {index.gnntrack}"
        raise DataError(problem, remedy=f"convert again with {__version__}", path=path)
    if not index.complete:
        raise DataError("the store is unfinished", remedy="convert again; what is there is kept", path=path)
    for shard in index.shards:
        if not _SHARD_NAME.fullmatch(shard.file) or shard.sequence >= len(index.sequences):
            raise DataError(f"impossible shard {shown(shard.file)}", remedy="convert again", path=path)
    if len({shard.file for shard in index.shards}) < len(index.shards):
        raise DataError("a shard stands twice in the index", remedy="convert again", path=path)
    return index


def write_index(folder: Path, index: StoreIndex) -> None:
    """Writes the index, atomically."""
    write_text(folder / INDEX, json.dumps(index.model_dump(mode="json"), indent=1) + "\n")


def is_store(folder: Path) -> bool:
    """Whether a folder is a graph store, as far as its index says."""
    try:
        content = read_json(folder / INDEX)
    except DataError:
        return False
    return isinstance(content, dict) and content.get("format") == "gnntrack-graphs"
