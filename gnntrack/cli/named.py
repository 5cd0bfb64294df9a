"""Names on the command line: of a recipe that ships, of a file, or an address."""

from __future__ import annotations

from pathlib import Path

from gnntrack.remote import as_path, is_address


def named(name: str) -> str | Path:
    """A name as it is; an address as a path, which a recipe cannot be (:func:`gnntrack.recipes.find`)."""
    return as_path(name) if is_address(name) else name
