"""What there is to look into: detections with what the annotations say of them, and their scored graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.datasets.matching import match_identities
from gnntrack.datasets.motchallenge import ReadOptions, read_file, read_folder
from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.models.settings import AssociationSettings
from gnntrack.sequence import Sequence
from gnntrack.tracking.scoring import Encoder, link_probabilities


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


def read_source(path: str | Path, options: ReadOptions = ReadOptions(), truth: Sequence | None = None) -> Source:
    """Reads a MOT file, or a sequence folder with ``det/det.txt``, ``gt/gt.txt`` or both.

    In a folder without detections the annotated boxes themselves serve as detections.

    Raises:
        DataError: there is neither file nor folder, or nothing in it to read.
    """
    path = Path(path)
    if not path.is_dir():
        return labelled(read_file(path, "detections", options), truth)
    has_boxes, has_truth = (path / "det" / "det.txt").is_file(), (path / "gt" / "gt.txt").is_file()
    if not has_boxes and not has_truth:
        raise DataError("nothing to look into", remedy="expected det/det.txt or gt/gt.txt", path=path)
    if truth is None and has_truth:
        annotations = read_folder(path, "annotations", options)
        truth = annotations.take((annotations.boxes["conf"] > 0).to_numpy())
    if has_boxes:
        return labelled(read_folder(path, "detections", options), truth)
    assert truth is not None
    return Source(truth, truth, truth.boxes["id"].to_numpy())


def labelled(detections: Sequence, truth: Sequence | None) -> Source:
    """Detections with the annotated identity of each."""
    return Source(detections, truth, None if truth is None else match_identities(detections, truth))


def scored_graph(
    source: Source, encoder: Encoder, settings: GraphSettings, association: AssociationSettings = AssociationSettings()
) -> Data:
    """The graph of a whole sequence with ``score``: the probability of each link, as the offline tracker sees it.

    Its ``row`` refers to the rows of ``source.detections``; detections that the tracker would not use are left out.
    """
    rows = np.flatnonzero(source.detections.boxes["conf"].to_numpy() >= association.minimum_confidence)
    identity = None if source.identity is None else source.identity[rows]
    graph = build_graph(replace(source.detections.take(rows), embeddings=None), settings, identity)
    graph.row = torch.from_numpy(rows)
    graph.score = torch.from_numpy(link_probabilities(graph, encoder, settings).astype(np.float32))
    return graph
