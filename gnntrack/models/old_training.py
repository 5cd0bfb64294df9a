"""Recipes inside weights of before stages: one section ``training`` for all networks."""

from __future__ import annotations

from typing import Any

_OPTIMISER = ("epochs", "batch_size", "learning_rate", "weight_decay", "gradient_clip")
#: How many clips another was laid over for the tracklet network, if nothing was said.
OVERLAY = 0.2
#: What was once said by ``learn``.
_FREEZE = {"appearance": ["boxes"], "boxes": ["appearance"]}


def with_stages(content: dict[str, Any]) -> dict[str, Any]:
    """The recipe with stages in place of its section ``training``; others stay.

    Example:
        >>> old = {"architecture": {"kind": "association"}, "training": {"epochs": 4, "rollout": {"steps": 9}}}
        >>> with_stages(old)["stages"][0]
        {'train': 'association', 'epochs': 4, 'steps': 9}
    """
    training, shape = content.get("training"), content.get("architecture", {})
    if not isinstance(training, dict) or not isinstance(shape, dict):
        return content
    rest = {key: value for key, value in content.items() if key != "training"}
    associates = shape.get("kind") == "association"
    return rest | {"stages": _association(training) if associates else [_window(training)]}


def _window(training: dict[str, Any]) -> dict[str, Any]:
    changes = _section(training, "augmentation")
    clips_alone = ("stretch", "overlay", "merge", "blur", "blind")
    kept = {"augmentation": {key: value for key, value in changes.items() if key not in clips_alone}} if changes else {}
    return {"train": "window"} | _optimiser(training) | kept


def _association(training: dict[str, Any]) -> list[dict[str, Any]]:
    changes, clips = _section(training, "augmentation"), _section(training, "rollout")
    learn = training.get("learn")
    freeze = {"freeze": _FREEZE[learn]} if isinstance(learn, str) and learn in _FREEZE else {}
    relinking = _section(training, "tracklets")
    overlay = {"overlay": relinking.pop("overlay", OVERLAY)}
    backwards = {"reverse": clips["reverse"]} if "reverse" in clips else {}
    return [
        {"train": "association"} | _optimiser(training) | clips | freeze | _changes(changes),
        {"train": "relinking"} | relinking | backwards | freeze | _changes(changes | overlay),
        {"train": "smoothing"} | _section(training, "smoothing"),
    ]


def _changes(augmentation: dict[str, Any]) -> dict[str, Any]:
    return {"augmentation": augmentation} if augmentation else {}


def _optimiser(training: dict[str, Any]) -> dict[str, Any]:
    return {key: training[key] for key in _OPTIMISER if key in training}


def _section(training: dict[str, Any], name: str) -> dict[str, Any]:
    found = training.get(name)
    return dict(found) if isinstance(found, dict) else {}
