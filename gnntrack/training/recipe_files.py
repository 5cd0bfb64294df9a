"""Recipes of every kind as files: found, shown with all defaults, checked, begun from one that ships."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from gnntrack import recipes
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.loaders.yaml_text import as_yaml
from gnntrack.losses.settings import LossSettings
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.training_recipe import TrainingRecipe
from gnntrack.recipes import Kind, Settings
from gnntrack.remote import is_remote
from gnntrack.showing import shown

#: What the recipes of each kind are checked against.
SCHEMAS: dict[Kind, type[Settings]] = {
    "models": ModelRecipe,
    "training": TrainingRecipe,
    "datasets": DatasetRecipe,
    "losses": LossSettings,
}
#: Names that say of which kind a file is: the first kind of which it has one.
_TELLING: dict[Kind, tuple[str, ...]] = {
    "datasets": ("format", "root", "boxes"),
    "losses": ("link", "unitrack"),
    "models": ("architecture", "graph", "tracking"),
    "training": ("stages",),
}


@dataclass(frozen=True)
class RecipeFile:
    """A recipe that was found and is right.

    Attributes:
        kind: of recipe.
        path: of its file.
        settings: what it says, with all defaults.
    """

    kind: Kind
    path: Path
    settings: Settings

    def as_yaml(self) -> str:
        """All keys and values, defaults too, as YAML that can be read again."""
        return as_yaml(self.settings.model_dump(mode="json"))

    def data(self) -> list[str]:
        """The data sets that it names, each once, as they are found: names of ``datasets/``, or paths."""
        if not isinstance(self.settings, TrainingRecipe):
            return []
        sets = [item for stage in self.settings.stages for item in stage.data or self.settings.data]
        return list(dict.fromkeys(str(self.path.parent / one.recipe) if one.is_path else one.recipe for one in sets))

    def losses(self) -> list[str]:
        """The losses that it names, each once."""
        if not isinstance(self.settings, TrainingRecipe):
            return []
        named = [getattr(stage, "loss", None) for stage in self.settings.stages]
        return list(dict.fromkeys(name for name in named if name))


def open_recipe(name: str | Path, kind: Kind | None = None) -> RecipeFile:
    """A recipe by name or by path.

    Args:
        name: of a recipe that ships or lies in ``models/``, ``training/``, ``datasets/`` or ``losses/`` of the working
            directory, or the path of a YAML file; an address as :func:`gnntrack.remote.as_path` makes it a path.
        kind: where several kinds have one of this name; None: any.

    Raises:
        DataError: there is none, several kinds have one, or it has an unknown key or a wrong value.

    Example:
        >>> open_recipe("tune").kind
        'training'
    """
    if is_remote(name) or "/" in str(name) or str(name).endswith(".yaml"):
        path = recipes.find(kind or "models", name)
        kind = kind or _kind_of(path)
    else:
        kind = kind or _only_kind(str(name))
        path = recipes.find(kind, name)
    return RecipeFile(kind, path, recipes.parse(recipes.read(path), SCHEMAS[kind], path))


def check_named(found: RecipeFile) -> None:
    """Checks the data sets and losses that a recipe names.

    Raises:
        DataError: one is missing or wrong.
    """
    for name in found.data():
        recipes.load("datasets", name, DatasetRecipe)
    for name in found.losses():
        recipes.load("losses", name, LossSettings)


def begin_recipe(path: Path, example: str, kind: Kind | None = None) -> RecipeFile:
    """Writes a copy of a recipe, comments included, to change.

    Args:
        path: to write.
        example: as for :func:`open_recipe`.
        kind: likewise.

    Raises:
        DataError: there is no such recipe, it names files beside it, or the file is there already.
    """
    found = open_recipe(example, kind)
    beside = [name for name in found.data() if Path(name).suffix == ".yaml"]
    if beside:
        problem = f"{example} names data sets that lie beside it, such as {shown(beside[0])}"
        raise DataError(problem, remedy="begin with another: association, mpn, tune", path=found.path)
    if path.exists():
        raise DataError("output exists", remedy="name another file", path=path)
    write_text(path, found.path.read_text(encoding="utf-8"))
    return RecipeFile(found.kind, path, found.settings)


def _only_kind(name: str) -> Kind:
    """The kind that has a recipe of this name."""
    kinds = [kind for kind in get_args(Kind) if name in recipes.names(kind)]
    if not kinds:
        known = sorted({known for kind in get_args(Kind) for known in recipes.names(kind)})
        raise DataError(f"no recipe {shown(name)}", remedy=recipes.nearest(name, known))
    if len(kinds) > 1:
        raise DataError(f"{name} names recipes of {' and '.join(kinds)}", remedy=f"say which: --kind {kinds[0]}")
    kind: Kind = kinds[0]
    return kind


def _kind_of(path: Path) -> Kind:
    """The kind that the keys of a file belong to."""
    keys = recipes.read(path).keys()
    found = next((kind for kind, telling in _TELLING.items() if keys & set(telling)), None)
    if found is None:
        raise DataError("a recipe of which kind?", remedy=f"say --kind {', '.join(get_args(Kind))}", path=path)
    return found
