"""Settings of a loss that another of its settings makes idle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Settings that only one choice uses: the setting, its default, the deciding setting, the choice that obeys it.
LINK = (
    ("positive_weight", 1.0, "kind", "bce"),
    ("gamma", 2.0, "kind", "focal"),
    ("focal_alpha", 0.25, "kind", "focal"),
)
UNITRACK = (
    ("sinkhorn_steps", 10, "flows", "sinkhorn"),
    ("laplacian", None, "weighting", "laplacian"),
    ("floor", None, "weighting", "laplacian"),
    ("smoothing", 0.0, "weighting", "laplacian"),
    ("every", 1, "weighting", "laplacian"),
)
Table = tuple[tuple[str, Any, str, str], ...]


def idle(table: Table, values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first setting that was changed and does nothing, in a sentence, and what to do about it.

    Example:
        >>> idle(UNITRACK, {"weighting": "fixed", "every": 8})
        ('every does nothing with weighting: fixed', 'leave it out; weighting: laplacian obeys it')
    """
    for name, default, deciding, choice in table:
        chosen = values.get(deciding, choice)
        if chosen != choice and values.get(name, default) != default:
            return f"{name} does nothing with {deciding}: {chosen}", f"leave it out; {deciding}: {choice} obeys it"
    return None
