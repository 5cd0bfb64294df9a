"""A simulated detector of either kind: tables of errors, or errors that are copied from real detections."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from gnntrack.datasets.synthetic.copied_errors import CopiedErrors, for_one_video
from gnntrack.datasets.synthetic.copying import boxes_from_copies
from gnntrack.datasets.synthetic.detector_model import DetectorModel
from gnntrack.datasets.synthetic.errors_file import SUFFIX, load_errors, save_errors
from gnntrack.datasets.synthetic.simulated import to_sequence
from gnntrack.datasets.synthetic.tables import boxes_from_tables
from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.loaders.json_text import read_json
from gnntrack.recipes import find, parse
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence

Detector = DetectorModel | CopiedErrors


def simulate(annotations: Sequence, detector: Detector, seed: int = 0) -> Sequence:
    """Detections such as a real detector would give.

    Args:
        annotations: boxes with identities; rows whose flag is 0 are not detected.
        detector: what to make them with.
        seed: same seed, same boxes.

    Returns:
        Boxes without identities. Where annotations have embeddings, so have detections: their object's, and false
        positives beside an object have half of that one's.

    Raises:
        DataError: the video is so long that its false positives would not fit into memory.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.datasets.synthetic import fit_detector, keep_errors
        >>> truth, found = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "detections")
        >>> pairs = [(truth, found)]
        >>> [set(simulate(truth, detector).boxes["id"]) for detector in (fit_detector(pairs), keep_errors(pairs))]
        [{-1}, {-1}]
    """
    rng = np.random.default_rng(seed)
    truth = annotations.take(annotations.boxes["conf"].to_numpy() > 0)
    if isinstance(detector, DetectorModel):
        boxes = boxes_from_tables(truth, detector, rng)
    else:
        boxes = boxes_from_copies(truth, detector, rng)
    return to_sequence(truth, boxes, seed)


def steady(detector: Detector, seed: int) -> Detector:
    """The detector of one video that is simulated piece by piece: what each video draws is drawn now."""
    if isinstance(detector, DetectorModel):
        return detector
    return for_one_video(detector, np.random.default_rng(seed))


def check_suffix(path: str | Path, copied: bool) -> None:
    """Raises where a detector's file would not be known for what it is.

    Raises:
        DataError: copied errors are to go to another file than safetensors, or tables to one.
    """
    if (as_path(path).suffix == SUFFIX) != copied:
        raise DataError(
            f"no file for {'copied errors' if copied else 'tables'}",
            remedy=f"tables go to a .json file, copied errors (--copy) to a {SUFFIX} file",
            path=path,
        )


def save_detector(path: str | Path, detector: Detector) -> None:
    """Writes tables as JSON, copied errors as safetensors, atomically.

    Raises:
        DataError: the name ends in the other kind's suffix, the folder cannot be written, or the disk is full.
    """
    check_suffix(path, isinstance(detector, CopiedErrors))
    if isinstance(detector, CopiedErrors):
        save_errors(path, detector)
    else:
        write_text(path, json.dumps(detector.model_dump(mode="json")) + "\n")


def load_detector(path: str | Path) -> Detector:
    """Reads what :func:`save_detector` wrote; copied errors are known by their suffix.

    Raises:
        DataError: the file is missing or is none.
    """
    if as_path(path).suffix == SUFFIX:
        return load_errors(path)
    content = read_json(as_path(path))
    if not isinstance(content, dict):
        raise DataError("not a detector model", remedy="make one with gnntrack synth fit", path=path)
    return parse(content, DetectorModel, as_path(path))


def find_detector(name: str) -> Detector:
    """A detector that ships with the package, by name, or one from a file.

    Example:
        >>> find_detector("dancetrack-yolox").recall[0][2] > 0.9
        True
    """
    return load_detector(find("datasets", name, (".json", SUFFIX)))
