"""The inputs of inspection: detections with labels from annotations, and their scored graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.datasets.matching import match_identities
from gnntrack.errors import DataError
from gnntrack.evaluation.reading import about_results
from gnntrack.formats.file_names import existing
from gnntrack.formats.format import Format
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.registry import find_format
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.graphs import build_graph
from gnntrack.models import ModelRecipe
from gnntrack.reading import iterate, read
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.tracking.scoring import LinkScorer
from gnntrack.tracking.stages import stages_of

#: The network whose graph is shown.
Network = Literal["association", "relinking"]


@dataclass(frozen=True)
class Source:
    """A sequence to inspect.

    Attributes:
        detections: the boxes.
        truth: the annotations that count, where there are any.
        identity: ``(len(detections),)`` annotated identity of each box, −1 for none; None without annotations.
        annotations: all of them, also those that do not count but say where results are forgiven.
    """

    detections: Sequence
    truth: Sequence | None = None
    identity: np.ndarray | None = None
    annotations: Sequence | None = None


def read_source(
    path: str | Path,
    options: ReadingOptions = ReadingOptions(),
    truth: str | Path | None = None,
    format_: str | Format | None = None,
) -> Source:
    """Reads a sequence: detections, and annotations where there are any.

    Args:
        path: a file of detections; a sequence in any format with detections, annotations or both (without detections
            the annotated boxes serve as such); or the name of a sequence of the sample, ``TUD-Campus`` or
            ``TUD-Stadtmitte``.
        options: how tolerant reading is, and which sequence is meant where there are several.
        truth: annotations that lie elsewhere: a file, or a folder.
        format_: of both; guessed if missing.

    Raises:
        DataError: there is nothing to read, there are several sequences, or an annotation has no identity.

    Example:
        >>> source = read_source("TUD-Campus")
        >>> len(source.detections), len(source.truth)
        (222, 359)
    """
    source = _read(as_path(path), options, format_)
    if truth is None:
        return source
    return labelled(source.detections, read_truth(truth, source.detections, options, format_))


def read_truth(
    path: str | Path, like: Sequence, options: ReadingOptions = ReadingOptions(), format_: str | Format | None = None
) -> Sequence:
    """Reads annotations, also those that do not count, of the video that ``like`` belongs to."""
    path = as_path(path)
    format_ = find_format(path, format_)[0]
    options = replace(options, identities=True)
    if format_.name == "mot" and path.is_file():  # a file about the same video; its length is left open
        return read(path, "annotations", _about(like, options), format_)[0]
    for wanted in ((like.name,), ()):
        found = _only(path, "annotations", replace(options, sequences=wanted), format_)
        if found is not None:
            return found
    raise format_.nothing_at(path, options, ["annotations"])


def read_tracks(path: str | Path, like: Sequence, options: ReadingOptions = ReadingOptions()) -> Sequence:
    """Reads a result: a file, or a folder that holds ``SEQUENCE.txt`` for the video that ``like`` belongs to."""
    path = as_path(path)
    if path.is_dir():
        path = existing(path / f"{like.name}.txt")
    with about_results("--tracks-frame-base"):
        return read(path, "tracks", _about(like, options), "mot")[0]


def _about(like: Sequence, options: ReadingOptions) -> ReadingOptions:
    """How a file about the same video is read."""
    video = SequenceInfo(like.name, like.width, like.height, like.frame_rate)
    return replace(options, video=video, sequences=())


def _read(path: Path, options: ReadingOptions, format_: str | Format | None) -> Source:
    format_ = find_format(path, format_)[0]
    contents = format_.contents(path, options)
    if format_.name == "mot" and path.is_file():
        contents = ["detections"]  # whatever its ids say
    strict = replace(options, identities=True)
    annotations = _only(path, "annotations", strict, format_) if "annotations" in contents else None
    boxes = _only(path, "detections", options, format_) if "detections" in contents else None
    if boxes is not None:
        return labelled(boxes, annotations)
    if annotations is None:
        raise format_.nothing_at(path, options, contents)
    truth = _that_count(annotations)
    return Source(truth, truth, truth.boxes["id"].to_numpy(), annotations)


def _only(path: Path, content: Content, options: ReadingOptions, format_: Format) -> Sequence | None:
    """The one sequence at a path, or None.

    Raises:
        DataError: there are several.
    """
    found = list(islice(iterate(path, content, options, format_), 2))
    if len(found) > 1:
        names = [name for name in format_.sequence_names(path, [content], options) if options.wants(name)]
        remedy = f"choose with --sequence: {', '.join(names[:8])}"
        raise DataError(f"{len(names)} sequences", remedy=remedy, path=path)
    return found[0] if found else None


def _that_count(annotations: Sequence) -> Sequence:
    return annotations.take((annotations.boxes["conf"] > 0).to_numpy())


def labelled(detections: Sequence, annotations: Sequence | None) -> Source:
    """Detections with the annotated identity of each."""
    if annotations is None:
        return Source(detections)
    truth = _that_count(annotations)
    return Source(detections, truth, match_identities(detections, truth), annotations)


def scored_graph(source: Source, model: LinkScorer, recipe: ModelRecipe, network: Network = "association") -> Data:
    """The graph that a network of a model sees of a whole sequence, with ``score``: the probability of each link.

    The association network (or the network of a model of window graphs) sees links between detections, the relinking
    network ends of tracklets against beginnings.

    Its ``row`` refers to the rows of ``source.detections``; detections that the tracker would not use are left out.
    """
    rows = np.flatnonzero(source.detections.boxes["conf"].to_numpy() >= recipe.tracking.links.minimum_confidence)
    identity = None if source.identity is None else source.identity[rows]
    used = source.detections.take(rows)
    graph = build_graph(replace(used, embeddings=None), recipe.graph, identity)
    graph.row = torch.from_numpy(rows)
    stages = stages_of(model, recipe)
    judge = stages.judge if network == "association" else stages.judge_crossings
    return judge(graph, used.embeddings, CameraMotion.of(used.camera))
