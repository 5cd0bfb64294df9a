"""Writes docs/recipes.md: every key of every recipe, from the classes that check them.

python docs/recipe_keys.py
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.durations import Duration
from gnntrack.graphs import GraphSettings
from gnntrack.losses.settings import LinkSettings, LossSettings, TermWeights, UniTrackSettings
from gnntrack.models import AssociationNetworkSettings, MessagePassingSettings, ModelRecipe, TrainingRecipe
from gnntrack.models.augmentation_settings import AugmentationSettings, WindowAugmentationSettings
from gnntrack.models.training_settings import (
    AssociationStageSettings,
    RelinkingStageSettings,
    SetOfData,
    SmoothingStageSettings,
    WindowStageSettings,
)
from gnntrack.recipes import Settings
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.smoothing.settings import SmoothingNetworkSettings

PAGE = Path(__file__).parent / "recipes.md"
#: Headings with the classes that check what lies below.
SECTIONS: dict[str, type[Settings]] = {
    "models/: a model and its training": ModelRecipe,
    "training/: further training of weights": TrainingRecipe,
    "data: an entry": SetOfData,
    "architecture, kind: association": AssociationNetworkSettings,
    "architecture, kind: message_passing": MessagePassingSettings,
    "graph": GraphSettings,
    "stages, train: association": AssociationStageSettings,
    "stages, train: relinking": RelinkingStageSettings,
    "stages, train: smoothing": SmoothingStageSettings,
    "stages, train: window": WindowStageSettings,
    "augmentation of association and relinking": AugmentationSettings,
    "augmentation of windows": WindowAugmentationSettings,
    "network of relinking": TrackletNetworkSettings,
    "network of smoothing": SmoothingNetworkSettings,
    "datasets/: where videos are": DatasetRecipe,
    "losses/: what is minimised": LossSettings,
    "link": LinkSettings,
    "unitrack": UniTrackSettings,
    "terms": TermWeights,
}
INTRODUCTION = """# Recipes, key by key

A recipe is a YAML file. These tables are made from the classes that check it (`python docs/recipe_keys.py`).

```sh
gnntrack recipe list                          # what ships
gnntrack recipe show association              # one of them, with all defaults
gnntrack recipe new mine.yaml --from tune     # a copy to change
gnntrack recipe check mine.yaml
gnntrack recipe show mine.yaml --set stages.association.epochs=2      # gnntrack train takes --set, too
```

`tracking` has [a page of its own](settings.md). Times are seconds (`2.0`) or frames (`60 frames`).
"""


def page() -> str:
    """The text of the page."""
    return INTRODUCTION + "".join(f"\n## {title}\n\n{table(schema)}" for title, schema in SECTIONS.items())


def table(schema: type[Settings]) -> str:
    """The keys of a class as a Markdown table."""
    meanings = attributes(schema)
    rows = [
        f"| `{key}` | {default(field)} | {allowed(field)} | {meanings[key]} |"
        for key, field in schema.model_fields.items()
    ]
    return "\n".join(["| key | default | allowed | what it is |", "|---|---|---|---|", *rows]) + "\n"


def attributes(schema: type[Settings]) -> dict[str, str]:
    """What the docstrings of a class and its bases say of each attribute, without the markup of docstrings."""
    found: dict[str, str] = {}
    for base in reversed(schema.__mro__):
        text = inspect.getdoc(base) or "" if issubclass(base, Settings) else ""
        listed = text.partition("Attributes:\n")[2].partition("\n\n")[0]
        for entry in re.split(r"\n?    (?=\w+: )", listed)[1:]:
            key, _, meaning = entry.partition(": ")
            found[key] = re.sub(r":\w+:`[~.]*([^`]+)`", r"`\1`", " ".join(meaning.split())).replace("``", "`")
    return {key: value.replace("|", "\\|") for key, value in found.items()}


def default(field: FieldInfo) -> str:
    """The default, as a recipe has it; groups of keys have a table of their own."""
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "needed"
    if isinstance(value, Settings) or (isinstance(value, tuple) and value and isinstance(value[0], Settings)):
        return ""
    return _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float, str)) and value != "" else "none" if not value else ""


def allowed(field: FieldInfo) -> str:
    """Bounds, or the words to choose from."""
    words = choices(field.annotation)
    if words:
        return ", ".join(f"`{word}`" for word in words)
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    bounds = [
        f"{sign} {getattr(rule, name)}"
        for rule in field.metadata
        for name, sign in signs.items()
        if hasattr(rule, name)
    ]
    return ", ".join(bounds)


def choices(annotation: Any) -> list[str]:
    """The words of a literal type, also inside tuples and unions."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for argument in get_args(annotation) for word in choices(argument)]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
