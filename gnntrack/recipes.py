"""Recipes: YAML files that describe a data set, a model or a loss; found by name, checked, never executed."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from gnntrack.errors import DataError, DataWarning
from gnntrack.loaders.yaml_text import read_yaml
from gnntrack.remote import as_path, is_remote, refuse_address
from gnntrack.showing import LONGEST, shown

Kind = Literal["datasets", "models", "losses", "training"]
SHIPPED = Path(__file__).parent / "_recipes"  # inside an installed wheel
CHECKOUT = Path(__file__).parent.parent  # in a checkout


class Settings(BaseModel):
    """Base of every settings object: frozen; an unknown key and a number that is not finite are errors.

    Attributes:
        MOVED: keys that an earlier version had, by path, and where they lie now: said where one is found.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    MOVED: ClassVar[Mapping[str, str]] = {}


SettingsType = TypeVar("SettingsType", bound=Settings)


def shipped(kind: Kind) -> Path:
    """The folder of what ships with the package."""
    return (SHIPPED if SHIPPED.is_dir() else CHECKOUT) / kind


def folders(kind: Kind) -> list[Path]:
    """Where recipes of this kind are looked up, in order: the working directory's, then those that ship."""
    return [Path.cwd() / kind, shipped(kind)]


def names(kind: Kind) -> list[str]:
    """The names of all recipes of this kind that can be found.

    Example:
        >>> "sample" in names("datasets")
        True
    """
    return sorted({path.stem for folder in folders(kind) for path in folder.glob("*.yaml")})


def find(kind: Kind, name: str | Path, suffixes: tuple[str, ...] = (".yaml",)) -> Path:
    """The file of a recipe (or, by other suffixes, of a detector), by name or by path.

    Of two with the same name, that of the working directory is taken, with a warning. An address must be a path that
    :func:`gnntrack.remote.as_path` made: a text may come from a file, which cannot name one.

    Raises:
        DataError: there is none; the message lists the nearest names.
    """
    if is_remote(name):
        return as_path(name)
    name = refuse_address(str(name), f"a recipe of {kind}")
    files = [place / f"{name}{suffix}" for place in folders(kind) for suffix in suffixes]
    known = sorted({file.stem for place in folders(kind) for suffix in suffixes for file in place.glob(f"*{suffix}")})
    if name.endswith(suffixes) or "/" in name:
        path = Path(name)
        if path.is_file():
            return path
        raise DataError("no such file", remedy=f"give a path or one of: {', '.join(known)}", path=path)
    found = [file for file in files if file.is_file()]
    if not found:
        raise DataError(f"no {kind} recipe {shown(name)}", remedy=nearest(name, known))
    if len(found) > 1 and not found[0].samefile(found[1]):
        warnings.warn(f"{found[0]}: used instead of the {name} that ships", DataWarning, stacklevel=3)
    return found[0]


def load(kind: Kind, name: str | Path, schema: type[SettingsType]) -> SettingsType:
    """Reads the recipe ``name`` (or the YAML file of that path) into ``schema``.

    Raises:
        DataError: it is missing, is not plain YAML, or has an unknown key or a wrong value.
    """
    path = find(kind, name)
    return parse(read(path), schema, path)


def read(path: Path) -> dict[str, Any]:
    """Keys and values of a recipe file.

    Raises:
        DataError: it is missing, or is not plain YAML.
    """
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise DataError("a recipe is a mapping of keys to values", remedy="see the shipped ones", path=path)
    return content


def idle_error(problem: str, remedy: str) -> PydanticCustomError:
    """What a validator raises for a setting that would do nothing: :func:`parse` tells problem and remedy."""
    return PydanticCustomError("idle", "{problem}; {remedy}", {"problem": problem, "remedy": remedy})


def stored(info: ValidationInfo) -> bool:
    """Whether settings came with weights, see :func:`parse`."""
    return bool(info.context and info.context.get("stored"))


def asked_for(info: ValidationInfo) -> tuple[str, ...]:
    """Paths of the values that :func:`changed` was given."""
    return info.context.get("asked_for", ()) if info.context else ()


def parse(
    content: dict[str, Any], schema: type[SettingsType], path: Path | None = None, *, stored: bool = False
) -> SettingsType:
    """Checks ``content`` against ``schema``; the first thing that is wrong is the error.

    Args:
        content: keys and values.
        schema: what they should be.
        path: the file that they came from.
        stored: they came with weights, all keys of them, so settings that do nothing are no mistake.

    Example:
        >>> class Colour(Settings):
        ...     red: int = 0
        >>> parse({"read": 3}, Colour)
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: unknown key 'read'; did you mean 'red'?
    """
    return _validated(content, schema, path, {"stored": stored})


def _validated(
    content: dict[str, Any], schema: type[SettingsType], path: Path | None, context: dict[str, Any]
) -> SettingsType:
    try:
        return schema.model_validate(content, context=context)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part)[:LONGEST] for part in first["loc"][:8])
        if first["type"] == "extra_forbidden":
            where, remedy = _moved(schema, where, first["input"])
            remedy = remedy or nearest(str(first["loc"][-1]), _keys_at(schema, first["loc"][:-1]))
            raise DataError(f"unknown key {shown(where)}", remedy=remedy, path=path) from None
        if first["type"] == "idle":
            raise DataError(first["ctx"]["problem"], remedy=first["ctx"]["remedy"], path=path) from None
        found = shown(first.get("input"))
        raise DataError(f"{where or 'recipe'}: {first['msg'][:200]} (found {found})", path=path) from None


def changed(settings: SettingsType, values: Mapping[str, Any]) -> SettingsType:
    """Settings with other values, by path; checked as a recipe is.

    Args:
        settings: as they are.
        values: what is to be different. An entry of a list is named by its ``name``, or by what it trains:
            ``stages.association.epochs``.

    Raises:
        DataError: there is no such key, or a value is wrong.

    Example:
        >>> class Paint(Settings):
        ...     red: int = 0
        >>> class Wall(Settings):
        ...     paint: Paint = Paint()
        >>> changed(Wall(), {"paint.red": 3})
        Wall(paint=Paint(red=3))
    """
    content = settings.model_dump()
    for path, value in values.items():
        *groups, name = path.split(".")
        place: Any = content
        for group in groups:
            place = _entry(place, group, path)
        if not isinstance(place, dict):
            raise DataError(f"unknown key {shown(path)}", remedy=f"{'.'.join(groups)} has no keys")
        place[name] = value
    return _validated(content, type(settings), None, {"stored": True, "asked_for": tuple(values)})


def _entry(place: Any, group: str, path: str) -> Any:
    """What a key, or a name in a list, leads to.

    Raises:
        DataError: nothing.
    """
    if isinstance(place, dict):
        return place.setdefault(group, {})
    if isinstance(place, (list, tuple)):
        found = {str(item.get("name") or item.get("train")): item for item in place if isinstance(item, dict)}
        if group in found:
            return found[group]
        raise DataError(f"unknown key {shown(path)}: no {shown(group)}", remedy=nearest(group, list(found)))
    raise DataError(f"unknown key {shown(path)}", remedy=f"what lies before {shown(group)} has no keys")


def _moved(schema: type[Settings], where: str, value: Any) -> tuple[str, str]:
    """The path of an unknown key, of its first key if that has moved, and where it lies now; "": not known."""
    inner = [f"{where}.{key}" for key in value] if isinstance(value, dict) else []
    place = next((path for path in (*inner, where) if path in schema.MOVED), where)
    return place, f"it is {schema.MOVED[place]} now" if place in schema.MOVED else ""


def _keys_at(schema: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the schema knows at this place."""
    options = [schema]
    for part in location:
        tagged = [option for option in options if len(options) > 1 and part in _tags(option)]
        fields = [option.model_fields[part] for option in options if part in option.model_fields]
        if tagged or fields:  # elsewhere a position in a list
            options = tagged or [model for field in fields for model in _models_in(field.annotation)]
    return list(dict.fromkeys(key for option in options for key in option.model_fields))


def _tags(schema: type[BaseModel]) -> list[Any]:
    """What a union of schemas may call this one: the values of its fields that have one alone."""
    literal = [field for field in schema.model_fields.values() if get_origin(field.annotation) is Literal]
    return [field.default for field in literal if get_args(field.annotation) == (field.default,)]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The schemas that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]


def nearest(name: str, known: list[str]) -> str:
    """A remedy: the name of those known that was probably meant, or all of them."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
