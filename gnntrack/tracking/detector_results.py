"""The results of detectors, told apart by the attributes that they have: none of these packages is imported.

======================================  ==========================================================================
what                                    told by
======================================  ==========================================================================
``supervision.Detections``              ``xyxy``, ``confidence``, ``class_id``
Ultralytics' ``Results``                ``boxes.data``: corners, (identity,) confidence, class
torchvision's (Transformers') results   a mapping with ``boxes`` (corners), ``scores``, ``labels``
a data frame (pandas, Polars)           ``columns``, by name: :func:`gnntrack.formats.column_names.find_columns`
======================================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.formats.column_names import BoxKind, find_columns


@dataclass(frozen=True)
class Parts:
    """A detector's result in its parts, each as the detector's library has it.

    Attributes:
        boxes: ``(N, 4)``, or four columns.
        confidence: ``(N,)``; None: all are certain.
        classes: ``(N,)``; None: all are 0.
        name: of the boxes, for errors.
        kind: what the four numbers of a box say.
    """

    boxes: Any
    confidence: Any = None
    classes: Any = None
    name: str = "boxes"
    kind: BoxKind = "corners"


def is_supervision(detections: Any) -> bool:
    """Whether it is a ``supervision.Detections``, or looks like one."""
    if type(detections) is np.ndarray:  # most are, and need not be asked for each name
        return False
    return all(hasattr(detections, name) for name in ("xyxy", "confidence", "class_id"))


def is_ultralytics(detections: Any) -> bool:
    """Whether it is a result with ``.boxes``, as Ultralytics has them."""
    return hasattr(detections, "boxes")


def parts_of(detections: Any) -> Parts | None:
    """The parts of a result that keeps them apart; None for arrays, and for results that are one array.

    Raises:
        DataError: a mapping or data frame has no boxes, or there are the results of several images.

    Example:
        >>> parts_of({"boxes": [[0, 0, 9, 9]], "scores": [0.5], "labels": [1]}).confidence
        [0.5]
        >>> parts_of([[0, 0, 9, 9]]) is None
        True
    """
    if is_supervision(detections):
        return Parts(detections.xyxy, detections.confidence, detections.class_id, "xyxy")
    if isinstance(detections, Mapping) and "boxes" in detections:
        return Parts(detections["boxes"], detections.get("scores"), detections.get("labels"))
    if hasattr(detections, "columns") and hasattr(detections, "to_numpy"):
        return _of_table(detections)
    if isinstance(detections, (list, tuple)) and detections and _is_result(detections[0]):
        problem = f"the results of {len(detections)} images" if detections[1:] else "a list of one image's results"
        raise DataError(problem, remedy="pass those of one frame: update(results[0])")
    return None


def _is_result(value: Any) -> bool:
    return is_supervision(value) or is_ultralytics(value) or (isinstance(value, Mapping) and "boxes" in value)


def _of_table(table: Any) -> Parts | None:
    """The parts of a data frame with named columns; None where names are numbers: it is an array then."""
    if not any(isinstance(name, str) for name in table.columns):
        return None
    found = find_columns(table.columns)
    others = {what: table[name].to_numpy() for what, name in found.others.items() if what in ("conf", "class_id")}
    boxes = table[list(found.box)].to_numpy()
    return Parts(boxes, others.get("conf"), others.get("class_id"), "the box's columns", found.kind)
