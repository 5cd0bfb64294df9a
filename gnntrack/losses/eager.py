"""What ``torch.compile`` leaves to eager execution: the graph breaks of the loss, each with its reason.

Everything else compiles as it is. A function that must be eager breaks the graph once, at its door; without a mark it
would break at every value that it looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch

Function = TypeVar("Function", bound=Callable[..., Any])
#: Function: why its work cannot be part of a compiled graph. :func:`eager` refuses others.
BREAKS = {
    "candidate_graph": "wrong input is named by its values, and how many links are candidates, and true, lies in them",
    "LaplacianWeighting.forward": "σ₂ is iterated until it has converged, and blocks of nodes lie in values",
    "with_chains": "the smallest number of a chain travels along it until nothing changes",
    "PathTerm.of_logits": "frames and their links are found by their values; the slope is taken frame by frame",
    "UniTrackCriterion.window": "predictions are matched to objects by scipy, and which slots are nodes lies in values",
}


def eager(function: Function) -> Function:
    """Marks a function that ``torch.compile`` runs as it is; its gradients go through as ever.

    Raises:
        KeyError: it is not listed in :data:`BREAKS`.
    """
    return torch.compiler.disable(function, reason=BREAKS[function.__qualname__])  # type: ignore[no-untyped-call]
