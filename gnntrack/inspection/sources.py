"""What there is to look into: detections with what the annotations say of them, and their scored graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.datasets.matching import match_identities
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.errors import DataError
from gnntrack.evaluation.identities import REMEDIES
from gnntrack.evaluation.pairs import about_results, checked_result
from gnntrack.formats.file_names import existing
from gnntrack.formats.mot import MOTCHALLENGE, read_raw
from gnntrack.formats.number_files import raise_it
from gnntrack.formats.raw import Content, RawSequence, ReadingOptions, SequenceInfo
from gnntrack.formats.registry import Format, choose, nothing_read, sequence_names
from gnntrack.graphs import build_graph
from gnntrack.models import ModelRecipe
from gnntrack.sequence import Sequence
from gnntrack.tracking.scoring import LinkScorer
from gnntrack.tracking.stages import stages_of

#: Whose graph is looked at.
Network = Literal["association", "relinking"]


@dataclass(frozen=True)
class Source:
    """A sequence to look into.

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
    format_: Format | None = None,
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
    source = _read(Path(path), options, format_)
    if truth is None:
        return source
    return labelled(source.detections, read_truth(truth, source.detections, options, format_))


def read_truth(
    path: str | Path, like: Sequence, options: ReadingOptions = ReadingOptions(), format_: Format | None = None
) -> Sequence:
    """Reads annotations, also those that do not count, of the video that ``like`` belongs to."""
    path = Path(path)
    format_ = choose(path, format_)[0]
    if format_ is MOTCHALLENGE and path.is_file():  # a file about the same video; its length is left open
        return _annotated(read_raw(path, "annotations", options, _about(like)))
    for wanted in ((like.name,), ()):
        raw = _only(path, "annotations", replace(options, sequences=wanted), format_)
        if raw is not None:
            return _annotated(raw)
    raise nothing_read(path, format_, ["annotations"], options)


def read_tracks(path: str | Path, like: Sequence, options: ReadingOptions = ReadingOptions()) -> Sequence:
    """Reads a result: a file, or a folder that holds ``SEQUENCE.txt`` for the video that ``like`` belongs to."""
    path = Path(path)
    if path.is_dir():
        path = existing(path / f"{like.name}.txt")
    with about_results("--tracks-frame-base"):
        return checked_result(read_raw(path, "tracks", options, _about(like)))


def _about(like: Sequence) -> SequenceInfo:
    return SequenceInfo(like.name, like.width, like.height, like.frame_rate)


def _read(path: Path, options: ReadingOptions, format_: Format | None) -> Source:
    if not path.exists() and str(path) in SAMPLES:
        return labelled(sample(str(path), "detections"), sample(str(path), "annotations"))
    format_ = choose(path, format_)[0]
    contents = format_.contents(path, options)
    if format_ is MOTCHALLENGE and path.is_file():
        contents = ["detections"]  # whatever its ids say
    found = {content: _only(path, content, options, format_) for content in contents}
    boxes, annotated = found.get("detections"), found.get("annotations")
    annotations = None if annotated is None else _annotated(annotated)
    if boxes is not None:
        return labelled(boxes.check(), annotations)
    if annotations is None:
        raise nothing_read(path, format_, contents, options)
    truth = _that_count(annotations)
    return Source(truth, truth, truth.boxes["id"].to_numpy(), annotations)


def _only(path: Path, content: Content, options: ReadingOptions, format_: Format) -> RawSequence | None:
    """The one sequence at a path, or None.

    Raises:
        DataError: there are several.
    """
    found = list(islice(format_.read(path, content, options, raise_it), 2))
    if len(found) > 1:
        names = sequence_names(path, format_, [content], options)
        chosen = [name for name in names if options.wants(name)]
        raise DataError(
            f"{len(chosen)} sequences", remedy=f"choose with --sequence: {', '.join(chosen[:8])}", path=path
        )
    return found[0] if found else None


def _annotated(raw: RawSequence) -> Sequence:
    """Annotations; those that count all have an identity."""
    annotations = raw.check()
    raw.require_identities(REMEDIES["annotations"])
    return annotations


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
    return judge(graph, used.embeddings)
