"""``--set KEY=VALUE``: single values of a recipe, from the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from gnntrack.errors import DataError
from gnntrack.loaders.yaml_text import parse_yaml
from gnntrack.showing import shown

Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A value instead of the recipe's; several may be given."),
]


def changes(texts: Iterable[str] | None) -> dict[str, Any]:
    """Keys and values; a value is read as in a recipe.

    Raises:
        DataError: a text is no KEY=VALUE, a key stands twice, or a value is not plain YAML.

    Example:
        >>> changes(["stages.association.epochs=2", "tracking.links.memory=60 frames"])
        {'stages.association.epochs': 2, 'tracking.links.memory': '60 frames'}
    """
    found: dict[str, Any] = {}
    for text in texts or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise DataError(f"--set {shown(text)}", remedy="write KEY=VALUE, such as stages.association.epochs=2")
        if key.strip() in found:
            raise DataError(f"--set {shown(key)} stands twice", remedy="leave one out")
        found[key.strip()] = parse_yaml(value)
    return found
