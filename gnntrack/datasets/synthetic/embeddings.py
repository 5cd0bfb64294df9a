"""Simulated embeddings for boxes whose identity is known: what an appearance model, good or bad, might say of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field

from gnntrack.association.appearance import unit
from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.synthetic.occlusion import covering
from gnntrack.recipes import Settings

Share = Annotated[float, Field(ge=0)]
Range = tuple[Share, Share]
#: Directions in which each identity's appearance changes, and the period of each in frames.
CHANGES, PERIOD = 3, (40.0, 400.0)


class EmbeddingSettings(Settings):
    """How embeddings are simulated; each video draws its own numbers from the ranges.

    Lengths are against that of the noise, which is new in every box.

    Attributes:
        dimension: numbers of an embedding.
        separability: length of what an identity has of its own.
        common: length of what all boxes of a video have in common, against that.
        change: length of what comes and goes as people turn round and light changes, against that.
    """

    dimension: int = Field(64, ge=1, le=4096)
    separability: Range = (0.0, 3.0)
    common: Range = (0.0, 1.5)
    change: Range = (0.0, 1.0)


def with_embeddings(labelled: Labelled, settings: EmbeddingSettings, seed: int) -> Labelled:
    """The same boxes with simulated embeddings, unless they have some.

    A box that is partly hidden has part of the embedding of what hides it; a false positive has a random one.

    Args:
        labelled: boxes with identities.
        settings: ranges.
        seed: same seed, same embeddings.

    Example:
        >>> from gnntrack.datasets.labelled import label_annotations
        >>> from gnntrack.datasets.sample import sample
        >>> campus = label_annotations(sample("TUD-Campus", "annotations"))
        >>> with_embeddings(campus, EmbeddingSettings(dimension=8), seed=0).sequence.embeddings.shape
        (359, 8)
    """
    sequence, identity = labelled.sequence, labelled.identity
    if sequence.embeddings is not None:
        return labelled
    rng = np.random.default_rng([seed, 5])
    spans = settings.separability, settings.common, settings.change
    separability, common, change = (rng.uniform(*span) for span in spans)
    names, which = np.unique(identity, return_inverse=True)
    own = directions(rng, len(names), settings.dimension)[which]
    false = identity < 0
    own[false] = directions(rng, int(false.sum()), settings.dimension)
    vectors = own + common * directions(rng, 1, settings.dimension)
    for _ in range(CHANGES):
        way = directions(rng, len(names), settings.dimension)
        period, phase = rng.uniform(*PERIOD, len(names)), rng.uniform(0, 2 * np.pi, len(names))
        swing = np.sin(2 * np.pi * sequence.frames / period[which] + phase[which])
        vectors += change * np.sqrt(2 / CHANGES) * swing[:, None] * way[which]
    hidden, behind = covering(sequence)
    vectors += hidden[:, None] * (vectors[behind] - vectors)
    vectors = noisy(vectors, np.full(len(vectors), separability), rng)
    return replace(labelled, sequence=replace(sequence, embeddings=vectors))


def directions(rng: np.random.Generator, count: int, dimension: int) -> np.ndarray:
    """Random vectors ``(count, dimension)`` of length 1."""
    return unit(rng.standard_normal((count, dimension)))


def noisy(vectors: np.ndarray, strength: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vectors ``(N, A)`` of length 1, float32: each vector times its strength, plus noise of length 1."""
    noise = rng.standard_normal(vectors.shape) / np.sqrt(vectors.shape[1])
    return unit(strength[:, None] * vectors + noise).astype(np.float32)
