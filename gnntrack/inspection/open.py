"""From what a user names on the command line to a graph, scored where there are weights."""

from __future__ import annotations

from pathlib import Path

from torch_geometric.data import Data

from gnntrack.datasets.store.index import is_store
from gnntrack.errors import DataError
from gnntrack.formats.format import Format
from gnntrack.formats.options import ReadingOptions
from gnntrack.graphs import GraphSettings, build_graph, slice_window
from gnntrack.inspection.sources import Network, Source, read_source, read_tracks, scored_graph
from gnntrack.inspection.stored import stored_graph
from gnntrack.models import load_weights
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.showing import shown
from gnntrack.tracking import track_offline
from gnntrack.tracking.stages import stages_of


def open_graph(
    path: str | Path,
    weights: str | None = None,
    truth: str | Path | None = None,
    options: ReadingOptions = ReadingOptions(),
    format_: str | Format | None = None,
    network: Network = "association",
) -> tuple[Data, GraphSettings]:
    """The graph of a sequence, or one from a graph store, with ``score`` where weights are given.

    Args:
        path: a graph store, or what :func:`gnntrack.inspection.sources.read_source` reads.
        weights: shipped name or file.
        truth: annotations that lie elsewhere.
        options: how tolerant reading is, and which sequence is meant (of a store: its name or number, from 0).
        format_: of the files; guessed if missing.
        network: whose graph, with weights.

    Raises:
        DataError: there is nothing to read, the weights have no such network, or they want other graphs than the store
            has.
    """
    if not is_store(as_path(path)):
        return graph_of(read_source(path, options, truth, format_), weights, network)
    graph, settings = stored_graph(path, options.sequences[0] if options.sequences else None)
    if weights is None:
        return graph, settings
    model, recipe = load_weights(weights)
    if recipe.graph != settings:
        raise DataError("the store was built with other graph settings", remedy="convert with that model", path=path)
    stages = stages_of(model, recipe)
    return (stages.judge if network == "association" else stages.judge_crossings)(graph), recipe.graph


def graph_of(
    source: Source, weights: str | None = None, network: Network = "association"
) -> tuple[Data, GraphSettings]:
    """The graph of a source; with weights it is scored, and built by the settings that they were trained with."""
    if weights is None:
        return build_graph(source.detections, GraphSettings(), source.identity), GraphSettings()
    model, recipe = load_weights(weights)
    return scored_graph(source, model, recipe, network), recipe.graph


def open_scored(
    path: str | Path,
    weights: str,
    tracks: str | Path | None = None,
    truth: str | Path | None = None,
    options: ReadingOptions = ReadingOptions(),
    format_: str | Format | None = None,
    track_options: ReadingOptions = ReadingOptions(),
) -> tuple[Data, Sequence, GraphSettings]:
    """A scored graph and the result that is to be explained: read, or made by the offline tracker."""
    source = read_source(path, options, truth, format_)
    model, recipe = load_weights(weights)
    if tracks is not None:
        result = read_tracks(tracks, source.detections, track_options)
    else:
        result = track_offline(source.detections, model, recipe)
    return scored_graph(source, model, recipe), result, recipe.graph


def parse_frames(text: str | None) -> tuple[int, int] | None:
    """First and last frame of ``A:B`` (``A`` alone: one frame).

    Example:
        >>> parse_frames("30:35"), parse_frames("30"), parse_frames(None)
        ((30, 35), (30, 30), None)
    """
    if text is None:
        return None
    first, _, last = text.partition(":")
    try:
        span = int(first), int(last or first)
    except ValueError:
        raise DataError(f"frames {shown(text)}", remedy="give them as FIRST:LAST") from None
    if span[0] > span[1]:
        raise DataError(f"frames {shown(text)} run backwards", remedy="give them as FIRST:LAST")
    return span


def cut(graph: Data, span: tuple[int, int] | None) -> Data:
    """The part of a sequence's graph between two frames, scores included; all of it without a span.

    Raises:
        DataError: there is no box in these frames.
    """
    if span is None:
        return graph
    part = slice_window(graph, *span)
    if not len(part.frame):
        frames = graph.frame
        known = f"the graph has frames {int(frames[0])} to {int(frames[-1])}" if len(frames) else "the graph is empty"
        raise DataError(f"no boxes in frames {span[0]} to {span[1]}", remedy=known)
    return part
