"""Packages that are imported only where they are needed: torch above all, without which gnntrack tracks."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gnntrack.errors import DataError

#: Import names, and what pip calls the package.
_PIP = {
    "torch": "torch",
    "torch_geometric": "torch-geometric",
    "lightning": "lightning",
    "networkx": "networkx",
    "matplotlib": "matplotlib",
    "motmetrics": "motmetrics",
    "trackeval": "trackeval",
    "rich": "rich",
    "onnx": "onnx",
}


@contextmanager
def needed_package(what: str) -> Iterator[None]:
    """Turns the failure to import a package that gnntrack can do without into one line.

    Args:
        what: what needs it, for the error.

    Raises:
        DataError: the package is not installed.

    Example:
        >>> with needed_package("gnntrack train"):
        ...     raise ModuleNotFoundError(name="torch")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: gnntrack train needs torch, which is not installed; pip install torch...
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = _PIP.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        raise DataError(f"{what} needs {package}, which is not installed", remedy=f"pip install {package}") from None


def exported(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's ``__getattr__`` that imports names on first use (PEP 562).

    Args:
        package: the module's ``__name__``.
        names: those of each module below it, with blanks between.
    """
    places = {name: module for module, held in names.items() for name in held.split()}

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with needed_package(f"{package}.{name}"):
            return getattr(importlib.import_module(places[name]), name)

    return get
