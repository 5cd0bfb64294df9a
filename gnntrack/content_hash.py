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
        >>> content_hash(boxes) == content_hash(boxes.take(range(len(boxes)))), content_hash(boxes.take([0]))[:6]
        (True, 'c0ffee')
    """
    about = (sequence.name, sequence.width, sequence.height, sequence.frame_rate, sequence.length, sequence.skipped)
    digest = hashlib.sha256(repr((about, sorted(sequence.classes.items()), sequence.coverage)).encode())
    columns = {name: sequence.boxes[name].to_numpy() for name in sequence.boxes}
    if sequence.embeddings is not None:
        columns["embeddings"] = sequence.embeddings
    if sequence.camera is not None:
        columns["camera"] = sequence.camera
    for name, values in columns.items():
        digest.update(f"{name} {values.dtype.str} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()
