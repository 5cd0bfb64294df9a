"""Reads sections called "Example:" in docstrings as code that was run; griffe knows them as "Examples:"."""

from __future__ import annotations

import re
from typing import Any

import griffe

_HEAD = re.compile(r"^( *)Example:$", re.MULTILINE)


class DoctestSections(griffe.Extension):
    """Renames the sections before docstrings are parsed."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Called by griffe for every object that it has loaded."""
        if obj.docstring is not None:
            obj.docstring.value = _HEAD.sub(r"\1Examples:", obj.docstring.value)
