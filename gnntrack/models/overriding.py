"""Single tracking settings by name: ``memory=3.0`` instead of a recipe of one's own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, Literal

from gnntrack.errors import DataError
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.recipes import changed, nearest
from gnntrack.showing import shown

#: Settings of every stage, by the name of the stage.
GROUPS = dict(TrackingSettings())
#: Frame by frame, frame by frame with a lag, or with the whole video at hand.
Way = Literal["online", "lag", "offline"]
_WORDS: dict[Way, str] = {"online": "online without a lag", "lag": "online with a lag", "offline": "offline"}
#: Settings, or whole stages, that some ways of tracking do not look at: those that do.
_OBEYED_IN: dict[str, tuple[Way, ...]] = {
    "offline": ("offline",),
    "relinking.threshold": ("lag", "offline"),
    "relinking.threshold_online": ("online",),
    "relinking.crowd": ("lag", "offline"),
    "relinking.crowd_online": ("online",),
    "boxes.interpolate": ("offline",),
    "boxes.smooth": ("offline",),
    "boxes.smooth_online": ("online", "lag"),
}


def overridden(recipe: ModelRecipe, values: Mapping[str, Any], *ways: Way) -> ModelRecipe:
    """A recipe with other tracking settings.

    Args:
        recipe: as it is.
        values: by path (``links.memory`` or ``tracking.links.memory``), or by its last part, where one stage alone has
            it (``memory``).
        *ways: of tracking; each setting must do something in one of them. None are given: in whichever.

    Raises:
        DataError: there is no such setting, several stages have it, it does nothing for this kind of model or in
            these ways of tracking, or the value is wrong.

    Example:
        >>> overridden(ModelRecipe(), {"births.confidence": 0.6, "interpolate": 3.0}).tracking.boxes.interpolate
        Duration(amount=3.0, unit='seconds')
        >>> overridden(ModelRecipe(), {"max_age": 30})
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: no setting 'max_age'; here it is links.memory
    """
    places = [_place(name) for name in values]
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        raise DataError(f"the setting {twice} stands twice", remedy="leave one out")
    for place in places:
        if ways and not set(ways) & set(ways_of(place)):
            remedy = f"leave it out: it is for tracking {' or '.join(_WORDS[each] for each in ways_of(place))}"
            raise DataError(f"{place} does nothing {' or '.join(_WORDS[way] for way in ways)}", remedy=remedy)
    return changed(recipe, {f"tracking.{place}": value for place, value in zip(places, values.values(), strict=True)})


def ways_of(path: str) -> tuple[Way, ...]:
    """The ways of tracking in which a setting does something.

    Example:
        >>> ways_of("links.memory"), ways_of("boxes.interpolate")
        (('online', 'lag', 'offline'), ('offline',))
    """
    everywhere: tuple[Way, ...] = ("online", "lag", "offline")
    return _OBEYED_IN.get(path, _OBEYED_IN.get(path.partition(".")[0], everywhere))


def way_of(mode: Literal["online", "offline"], lag: int = 0) -> Way:
    """What a mode is with a lag."""
    return "lag" if mode == "online" and lag else mode


def _place(given: str) -> str:
    """The path of a setting.

    Raises:
        DataError: there is none, or several.
    """
    name = given.removeprefix("tracking.")
    paths = [f"{group}.{key}" for group, settings in GROUPS.items() for key in type(settings).model_fields]
    if name in paths:
        return name
    found = [path for path in paths if path.partition(".")[2] == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(f"several stages have a setting {name!r}", remedy=f"name one of {', '.join(found)}")
    here = [f"{group}.{key}" for group in GROUPS for key, others in other_names(group).items() if name in others]
    remedy = f"here it is {' or '.join(here)}" if here else nearest(name, paths)
    raise DataError(f"no setting {shown(given)}", remedy=remedy)


def other_names(group: str) -> dict[str, list[str]]:
    """What the settings of a stage are called in other trackers, as the docstring of their class says.

    Example:
        >>> other_names("boxes")["interpolate"]
        ['n_dti']
    """
    text = inspect.getdoc(type(GROUPS[group])) or ""
    fields = re.split(r"\n    (?=\w+: )", text.partition("Attributes:")[2])[1:]
    parts = (field.partition("Elsewhere") for field in fields)
    return {first.partition(":")[0]: re.findall(r"``(\w+)``", names) for first, _, names in parts}
