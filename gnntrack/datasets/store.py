"""Graphs on disk: one safetensors file a sequence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch_geometric.data import Data

from gnntrack.datasets.convert import choose
from gnntrack.datasets.labelled import Labelled, label_annotations, label_detections
from gnntrack.datasets.raw import ReadOptions
from gnntrack.datasets.text import raise_it
from gnntrack.errors import DataError
from gnntrack.files import atomic_path, check_absent
from gnntrack.graphs import GraphSettings, build_graph, window_ranges

FORMAT = "gnntrack graph 1"


def write_graph(path: str | Path, graph: Data) -> None:
    """Writes a graph to one file, atomically: tensors, and everything else as JSON metadata."""
    tensors = {key: value.contiguous() for key, value in graph.to_dict().items() if isinstance(value, torch.Tensor)}
    rest = {key: value for key, value in graph.to_dict().items() if key not in tensors}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={"format": FORMAT, "attributes": json.dumps(rest)})


def read_graph(path: str | Path) -> Data:
    """Reads a graph that :func:`write_graph` wrote.

    Raises:
        DataError: the file is missing or is not one.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise DataError(f"format is {metadata.get('format')!r}", remedy=f"expected '{FORMAT}'", path=path)
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
            return Data(**tensors, **json.loads(metadata["attributes"]))
    except (SafetensorError, OSError, KeyError, json.JSONDecodeError) as error:
        raise DataError(f"not readable as a graph: {error}", remedy=f"expected '{FORMAT}'", path=path) from None


def convert_to_graphs(
    source: str | Path,
    output: str | Path,
    settings: GraphSettings,
    from_: str | None = None,
    options: ReadOptions = ReadOptions(),
    overwrite: bool = False,
) -> Iterator[str]:
    """Writes the graph of every sequence at ``source``: annotations, and detections labelled by them.

    Yields:
        A line for people on each graph.
    """
    source, output = Path(source), check_absent(output, overwrite)
    if not source.exists():
        raise DataError("no such file or folder", remedy="check the path", path=source)
    reader, words = choose(source, from_)
    yield f"reading {words}"
    contents = reader.contents(source, options)
    truth = {}
    for content in contents:
        for raw in reader.read(source, content, options, raise_it):
            sequence = raw.check()
            if content == "annotations":
                truth[sequence.name] = sequence
                labelled = label_annotations(sequence)
            elif sequence.name in truth:
                labelled = label_detections(sequence, truth[sequence.name])
            else:
                labelled = Labelled(sequence, sequence.boxes["id"].to_numpy())
            graph = build_graph(labelled.sequence, settings, labelled.identity)
            path = output / f"{sequence.name}.{content}.safetensors"
            write_graph(path, graph)
            windows = len(window_ranges(labelled.sequence.frames, settings))
            dropped = f", {sequence.skipped} rows without a size dropped" if sequence.skipped else ""
            yield f"{path}: {graph.num_nodes} boxes, {graph.num_edges} candidate links, {windows} windows{dropped}"
