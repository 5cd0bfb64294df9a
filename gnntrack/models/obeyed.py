"""Which settings of a recipe each kind of model obeys; one that it does not is an error, not silence.

Weights hold their whole recipe, every key of it, so a key alone does not show that somebody set it: only a
value other than the default does. Idle keys at their default pass. In *weights* they pass whatever their value, and do
nothing: defaults may change, and weights of yesterday must load.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

_TRACKING = (
    "births.confidence",
    "links.minimum_confidence",
    "links.threshold",
    "offline.minimum_length",
    "boxes.interpolate",
)
#: What each kind of model obeys, by path; a path stands for all below it. The graph settings of an association recipe
#: say how long the windows are that ``inspect`` and ``explain`` look at; what concerns its tracklet and smoothing
#: networks waits until it has them.
OBEYED: dict[str, tuple[str, ...]] = {
    "message_passing": (
        "graph",
        *(f"tracking.{key}" for key in _TRACKING),
    ),
    "association": ("graph", "tracking"),
}
_PARTS = ("graph", "tracking")


def obeys(kind: str, path: str) -> bool:
    """Whether a kind of model uses a setting.

    Example:
        >>> obeys("message_passing", "tracking.links.memory"), obeys("association", "tracking.links.memory")
        (False, True)
    """
    return any(path == known or path.startswith(f"{known}.") for known in OBEYED[kind])


def idle_setting(kind: str, recipe: BaseModel) -> str | None:
    """The first setting that was changed and that this kind of model does not use, by path."""
    for part in _PARTS:
        for path in _changed(getattr(recipe, part), part):
            if not obeys(kind, path):
                return path
    return None


def idle_among(kind: str, paths: Iterable[str]) -> str | None:
    """The first of these paths that this kind of model does not use."""
    return next((path for path in paths if path.partition(".")[0] in _PARTS and not obeys(kind, path)), None)


def remedy(path: str) -> str:
    """What to do about a setting that a kind of model does not obey."""
    others = [other for other in OBEYED if obeys(other, path)]
    return f"leave it out; models with architecture: {{kind: {' or '.join(others)}}} obey it"


def _changed(settings: BaseModel, path: str) -> Iterator[str]:
    """Paths of the settings below that differ from their defaults."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _changed(value, f"{path}.{name}")
        elif value != field.get_default(call_default_factory=True):
            yield f"{path}.{name}"
