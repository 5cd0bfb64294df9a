"""Recipes as weights of formats 1 and 2 hold them: one flat list of settings, times in frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Where the settings that lay under ``association`` lie now, under ``tracking``.
MOVED = {
    "minimum_confidence": "links.minimum_confidence",
    "birth_confidence": "births.confidence",
    "birth_relative": "births.usual_share",
    "birth_score": "births.score",
    "unsure_birth": "births.trial_share",
    "unsure_score": "births.trial_score",
    "unsure_overlap": "births.trial_overlap",
    "unsure_confirm": "births.trial_confirm",
    "link_threshold": "links.threshold",
    "confidence_power": "links.confidence_power",
    "confirm": "births.confirm",
    "patience": "births.patience",
    "memory": "links.memory",
    "minimum_length": "offline.minimum_length",
    "revisions": "offline.revisions",
    "revision_threshold": "offline.revision_threshold",
    "join_threshold": "offline.gap_threshold",
    "join_gaps": "offline.gaps",
    "relink_threshold": "relinking.threshold",
    "relink_threshold_online": "relinking.threshold_online",
    "relink_crowd": "relinking.crowd",
    "relink_crowd_online": "relinking.crowd_online",
    "interpolate": "boxes.interpolate",
    "smooth": "boxes.smooth",
    "smooth_online": "boxes.smooth_online",
}
#: Times among them, with what they were where a recipe did not say, in frames.
_TIMES: dict[str, Any] = {"patience": 2, "memory": 60, "join_gaps": [20, 60], "interpolate": 20}
_REACH = 120


def new_places() -> dict[str, str]:
    """Every old key of a recipe, by path, and where it lies now."""
    places = {"association": "tracking"}
    for old, new in MOVED.items():
        unit = " (a number is seconds there, '60 frames' are frames)" if old in _TIMES else ""
        places |= {f"{part}.{old}": f"tracking.{new}{unit}" for part in ("association", "tracking")}
    return places


def upgraded(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe of old weights as it would be written now; what is not understood stays, to be refused.

    Example:
        >>> upgraded({"association": {"memory": 60}})["tracking"]["links"]
        {'memory': '60 frames'}
    """
    result = dict(recipe)
    flat = result.pop("association", {})
    if not isinstance(flat, Mapping):
        return dict(recipe)
    result["tracking"] = _grouped(flat)
    if isinstance(architecture := result.get("architecture"), Mapping):
        result["architecture"] = _with(architecture, "tracklets", _with_reach)
    if isinstance(training := result.get("training"), Mapping):
        result["training"] = _with(training, "tracklets", lambda part: _with(part, "network", _with_reach))
    return result


def _grouped(flat: Mapping[str, Any]) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for old, value in (_TIMES | dict(flat)).items():
        group, _, name = MOVED.get(old, old).partition(".")
        if name:
            groups.setdefault(group, {})[name] = _frames(value) if old in _TIMES else value
        else:
            groups[old] = value
    return groups


def _with(content: Mapping[str, Any], key: str, change: Any) -> dict[str, Any]:
    """The mapping with one of its mappings changed, if it has it."""
    inner = content.get(key)
    return dict(content) | {key: change(inner)} if isinstance(inner, Mapping) else dict(content)


def _with_reach(network: Mapping[str, Any]) -> dict[str, Any]:
    return dict(network) | {"reach": _frames(network.get("reach", _REACH))}


def _frames(value: Any) -> Any:
    if isinstance(value, list):
        return [_frames(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return f"{whole} frames"
