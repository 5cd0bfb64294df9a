"""Simulated boxes, however they were made, become the detections of a video."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gnntrack.association.appearance import unit
from gnntrack.sequence import Sequence

#: Columns of boxes in the making: row of the annotated box that each comes from, number of its false positive.
OBJECT, FALSE = "_object", "_false"


def box_table(frame: np.ndarray, box: np.ndarray, conf: np.ndarray) -> pd.DataFrame:
    """Boxes ``(N, 4)`` in the making, which belong to no object yet."""
    table = pd.DataFrame(np.asarray(box, dtype=float).reshape(-1, 4), columns=["x", "y", "w", "h"])
    return table.assign(frame=frame, conf=np.clip(conf, 0, 1), **{OBJECT: -1, FALSE: -1})


def to_sequence(truth: Sequence, table: pd.DataFrame, seed: int) -> Sequence:
    """The detections of a video, with its camera, and embeddings where annotations have some.

    Args:
        truth: the annotations.
        table: boxes in the making; those smaller than a pixel or outside of the video's time are dropped.
        seed: of the embeddings of false positives.
    """
    sound = (table[["w", "h"]] >= 1.0).all(axis=1) & table["frame"].between(1, max(truth.length, 1))
    table = table[sound]
    embeddings = (
        None
        if truth.embeddings is None
        else _detected_embeddings(truth.embeddings, table[OBJECT].to_numpy(), table[FALSE], seed)
    )
    return Sequence(
        truth.name,
        table.drop(columns=[OBJECT, FALSE]),
        truth.width,
        truth.height,
        truth.frame_rate,
        truth.length,
        embeddings,
        truth.classes,
        camera=truth.camera,
    )


def _detected_embeddings(vectors: np.ndarray, row: np.ndarray, false: pd.Series, seed: int) -> np.ndarray:
    """Embeddings of detections.

    Args:
        vectors: ``(T, A)`` of annotated boxes.
        row: ``(N,)`` the annotated box that each detection comes from or is beside, −1: none.
        false: ``(N,)`` number of the false positive that each belongs to, −1: an object.
        seed: of the embeddings of false positives.
    """
    kinds, which = np.unique(false.to_numpy(), return_inverse=True)
    own = unit(np.random.default_rng([seed, 1]).standard_normal((len(kinds), vectors.shape[1])))
    own[kinds < 0] = 0.0
    of_object = (
        np.where(row[:, None] >= 0, unit(vectors)[row], 0.0) if len(vectors) else np.zeros((len(row), own.shape[1]))
    )
    return unit(of_object + own[which]).astype(np.float32)
