"""Packages that are imported only where they are needed: torch above all, without which gnntrack tracks."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gnntrack.errors import MachineError

_LEARNING = "torch torch-geometric lightning"
#: What pip calls each package, and what to install: who lacks one to learn with lacks the others soon.
_PIP = {
    "torch": ("torch", _LEARNING),
    "torch_geometric": ("torch-geometric", _LEARNING),
    "lightning": ("lightning", _LEARNING),
    "distributed": ("dask (distributed)", "'gnntrack[cluster]'"),
    "PIL": ("pillow", "pillow"),
    "av": ("av (PyAV)", "av"),
    "cv2": ("OpenCV", "opencv-python"),
    "torchvision": ("torchvision", "torchvision"),
    "ultralytics": ("ultralytics", "ultralytics"),
} | {
    name: (name, name)
    for name in (
        "matplotlib",
        "motmetrics",
        "networkx",
        "onnx",
        "optuna",
        "pyarrow",
        "rich",
        "supervision",
        "tensorboard",
        "trackeval",
        "trackers",
        "wandb",
    )
}


class MissingPackageError(MachineError):
    """A package is not installed that gnntrack can do without, but not for this.

    Args:
        what: what needs it.
        module: its name, as it is imported.
    """

    def __init__(self, what: str, module: str) -> None:
        package, wanted = _PIP[module]
        super().__init__(f"{what} needs {package}, which is not installed", remedy=f"pip install {wanted}")
        self.module = module


@contextmanager
def needed_package(what: str) -> Iterator[None]:
    """Turns the failure to import a package that gnntrack can do without into one line.

    Args:
        what: what needs it, for the error.

    Raises:
        MissingPackageError: the package is not installed.

    Example:
        >>> with needed_package("gnntrack train"):
        ...     raise ModuleNotFoundError(name="torch")
        Traceback (most recent call last):
            ...
        gnntrack.packages.MissingPackageError: gnntrack train needs torch, which is not installed; pip install torch...
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in _PIP:
            raise
        raise MissingPackageError(what, module) from None
    except MissingPackageError as error:  # of something inside: the outermost is what the user asked for
        raise MissingPackageError(what, error.module) from None


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
