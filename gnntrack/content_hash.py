"""The hash of a sequence's content: the same boxes give the same, whatever format they came from."""

from __future__ import annotations

import hashlib

import numpy as np

from gnntrack.sequence import Sequence


def content_hash(sequence: Sequence) -> str:
    """SHA-256 of all that tracking, converting and scoring see of a sequence.

    Example:
        >>> from gnntrack import sample
        >>> boxes = sample("TUD-Campus", "detections")
        >>> [content_hash(boxes.take(range(count))) == content_hash(boxes) for count in (len(boxes), 1)]
        [True, False]
    """
    about = (sequence.name, sequence.width, sequence.height, sequence.frame_rate, sequence.length, sequence.skipped)
    covered = sequence.coverage and (sorted(sequence.coverage.absent), sorted(sequence.coverage.partial))
    digest = hashlib.sha256(repr((about, sorted(sequence.classes.items()), covered)).encode())
    columns = {name: sequence.boxes[name].to_numpy() for name in sequence.boxes}
    beside = {"embeddings": sequence.embeddings, "camera": sequence.camera}
    columns |= {name: values for name, values in beside.items() if values is not None}
    for name, values in columns.items():
        digest.update(f"{name} {values.dtype.str} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()
