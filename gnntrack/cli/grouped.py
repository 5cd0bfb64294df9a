"""Groups of options that several verbs share: one parameter of a verb becomes many options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, get_type_hints


def with_options(
    verb: Callable[..., None], name: str, group: type[Any], without: tuple[str, ...] = ()
) -> Callable[..., None]:
    """A verb one of whose parameters becomes the options of a group.

    Args:
        verb: the command.
        name: of the parameter.
        group: a dataclass; each of its fields is an option.
        without: fields that the verb has no use for.
    """
    hints = get_type_hints(group, include_extras=True)
    own = get_type_hints(verb, include_extras=True)
    offered = [item for item in fields(group) if item.name not in without]
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(verb).parameters.values():
        if parameter.name != name:
            parameters.append(parameter.replace(annotation=own[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        for item in offered:
            added = inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=item.default)
            parameters.append(added.replace(annotation=hints[item.name]))

    @wraps(verb)
    def wrapped(**values: Any) -> None:
        given = group(**{item.name: values.pop(item.name) for item in offered})
        verb(**{name: given}, **values)

    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": None}
    return wrapped
