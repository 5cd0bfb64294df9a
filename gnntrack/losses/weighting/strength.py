"""Association strength: the paper's w of every link."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from gnntrack.precision import full_precision
from gnntrack.scatter import rows


def embedding_strength(embeddings: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """How alike the appearance at both ends of every link is: cosine similarity moved to [0, 1].

    Args:
        embeddings: ``(N, D)``.
        source: ``(E,)``.
        target: ``(E,)``.

    Returns:
        ``(E,)``.

    Example:
        >>> vectors = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
        >>> embedding_strength(vectors, torch.tensor([0, 0]), torch.tensor([1, 2])).tolist()
        [1.0, 0.5]
    """
    embeddings = full_precision(embeddings)
    unit = functional.normalize(embeddings, dim=1)
    return 0.5 * (1 + (rows(unit, source) * rows(unit, target)).sum(1))


def association_strength(
    logits: Tensor, embeddings: Tensor | None, source: Tensor, target: Tensor, kind: str
) -> Tensor:
    """W of every link: ``(E,)`` in [0, 1].

    Args:
        logits: ``(E,)``.
        embeddings: ``(N, D)``; where they are given, w is their similarity, whatever ``kind`` says.
        source: ``(E,)``.
        target: ``(E,)``.
        kind: ``"one"``: 1, because the flow already says how strong a link is; ``"logit"``: the link's own probability.
    """
    if embeddings is not None:
        return embedding_strength(embeddings.to(logits.dtype), source, target)
    return torch.sigmoid(logits) if kind == "logit" else torch.ones_like(logits)
