"""What there is to look into: detections with what the annotations say of them, and their scored graph."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.datasets.matching import match_identities
from gnntrack.datasets.motchallenge import read_file, read_folder
from gnntrack.datasets.raw import Content, ReadOptions, SequenceInfo
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.errors import DataError, DataWarning
from gnntrack.graphs import build_graph
from gnntrack.models import ModelRecipe
from gnntrack.sequence import Sequence
from gnntrack.tracking.scoring import LinkScorer
from gnntrack.tracking.stages import stages_of


@dataclass(frozen=True)
class Source:
    """A sequence to look into.

    Attributes:
        detections: the boxes.
        truth: the annotations that count, where there are any.
        identity: ``(len(detections),)`` annotated identity of each box, −1 for none; None without annotations.
    """

    detections: Sequence
    truth: Sequence | None = None
    identity: np.ndarray | None = None


def read_source(path: str | Path, options: ReadOptions = ReadOptions(), truth: str | Path | None = None) -> Source:
    """Reads a sequence: detections, and annotations where there are any.

    Args:
        path: a file of detections; a sequence folder with ``det/det.txt``, ``gt/gt.txt`` or both (without detections
            the annotated boxes serve as such); or the name of a sequence of the sample, ``TUD-Campus`` or
            ``TUD-Stadtmitte``.
        options: how tolerant reading is.
        truth: annotations that lie elsewhere: a file, or a sequence folder.

    Raises:
        DataError: there is neither file nor folder, or nothing in it to read.

    Example:
        >>> source = read_source("TUD-Campus")
        >>> len(source.detections), len(source.truth)
        (222, 359)
    """
    source = _read(Path(path), options)
    if truth is None:
        return source
    return labelled(source.detections, read_truth(truth, source.detections, options))


def read_truth(path: str | Path, like: Sequence, options: ReadOptions = ReadOptions()) -> Sequence:
    """Reads annotations, those rows that count, of the video that ``like`` belongs to."""
    path = Path(path)
    if path.is_dir():
        return _counting(read_folder(path, "annotations", options))
    return _counting(_read_file_like(path, "annotations", like, options))


def read_tracks(path: str | Path, like: Sequence, options: ReadOptions = ReadOptions()) -> Sequence:
    """Reads a result: a file, or a folder that holds ``SEQUENCE.txt`` for the video that ``like`` belongs to."""
    path = Path(path)
    if path.is_dir():
        path = path / f"{like.name}.txt"
    return _read_file_like(path, "tracks", like, options)


def _read_file_like(path: Path, content: Content, like: Sequence, options: ReadOptions) -> Sequence:
    """A file about the same video; its length is left open, for annotations may end after detections do."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*size and length are inferred", DataWarning)
        return read_file(path, content, options, SequenceInfo(like.name, like.width, like.height, like.frame_rate))


def _counting(annotations: Sequence) -> Sequence:
    return annotations.take((annotations.boxes["conf"] > 0).to_numpy())


def _read(path: Path, options: ReadOptions) -> Source:
    if not path.exists() and str(path) in SAMPLES:
        return labelled(sample(str(path), "detections"), sample(str(path), "annotations"))
    if not path.is_dir():
        return labelled(read_file(path, "detections", options), None)
    has_boxes, has_truth = (path / "det" / "det.txt").is_file(), (path / "gt" / "gt.txt").is_file()
    if not has_boxes and not has_truth:
        raise DataError("nothing to look into", remedy="expected det/det.txt or gt/gt.txt", path=path)
    truth = _counting(read_folder(path, "annotations", options)) if has_truth else None
    if has_boxes or truth is None:
        return labelled(read_folder(path, "detections", options), truth)
    return Source(truth, truth, truth.boxes["id"].to_numpy())


def labelled(detections: Sequence, truth: Sequence | None) -> Source:
    """Detections with the annotated identity of each."""
    return Source(detections, truth, None if truth is None else match_identities(detections, truth))


def scored_graph(source: Source, model: LinkScorer, recipe: ModelRecipe, *, features: bool = True) -> Data:
    """The graph of a whole sequence with ``score``: the probability of each link, as the offline tracker sees it.

    With ``features``, also what an association network saw of each link (:meth:`~.pipeline.ModelStages.judge`).
    Its ``row`` refers to the rows of ``source.detections``; detections that the tracker would not use are left out.
    """
    rows = np.flatnonzero(source.detections.boxes["conf"].to_numpy() >= recipe.association.minimum_confidence)
    identity = None if source.identity is None else source.identity[rows]
    graph = build_graph(replace(source.detections.take(rows), embeddings=None), recipe.graph, identity)
    graph.row = torch.from_numpy(rows)
    stages_of(model, recipe).judge(graph, features)
    return graph
