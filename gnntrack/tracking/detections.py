"""What :meth:`gnntrack.tracking.Tracker.update` takes for detections, as one checked array."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from gnntrack.checks import LARGEST_COORDINATE
from gnntrack.compiled import compiled
from gnntrack.errors import DataError
from gnntrack.showing import shown
from gnntrack.sorting import LARGEST_WHOLE
from gnntrack.tracking.detector_results import Parts, is_supervision, is_ultralytics, parts_of

COLUMNS = ("x1", "y1", "x2", "y2", "confidence", "class")
CORNERS, TOP_LEFT, BOTTOM_RIGHT, CONFIDENCE, CLASS = slice(0, 4), slice(0, 2), slice(2, 4), 4, 5
#: Columns of a tracked detection, after the corners: its track, its confidence, the class of the track, its position
#: among the detections.
TRACK, TRACKED_CONFIDENCE, TRACKED_CLASS, POSITION, TRACKED_COLUMNS = 4, 5, 6, 7, 8
#: Of a box; it was rounded on its way to corners and back.
LARGEST_SIZE = LARGEST_COORDINATE * (1 + 1e-12)
#: The corners among the columns, and what the columns after them are where they are not given.
BOX = COLUMNS[CORNERS]
_DEFAULTS = (1.0, 0.0)
_REMEDY = (
    f"pass (N, 6): {', '.join(COLUMNS)}; (N, 5) without class, (N, 4) without confidence; [] for a frame without boxes"
)


def detection_array(detections: Any) -> np.ndarray:
    """Detections as float64 ``(N, 6)``, never the caller's own memory.

    Args:
        detections: an array, tensor or list ``(N, 6)``: x1, y1, x2, y2, confidence, class; ``(N, 5)`` without classes,
            which are 0 then; ``(N, 4)`` without confidences as well, which are 1 then; an empty list: no boxes. Or a
            detector's result (:mod:`.detector_results`), where the same goes for what it lacks.

    Raises:
        DataError: it is nothing of the kind, or a row is no detection within the limits that files have.

    Example:
        >>> detection_array([[10, 20, 40, 90, 0.9, 1]]).tolist(), detection_array([]).shape
        ([[10.0, 20.0, 40.0, 90.0, 0.9, 1.0]], (0, 6))
        >>> detection_array([[10, 20, 40, 90]]).tolist()
        [[10.0, 20.0, 40.0, 90.0, 1.0, 0.0]]
    """
    plain = type(detections) is np.ndarray  # a subclass may hold more
    array = as_array(detections, "detections") if plain else _array_of(detections)
    if array.shape == (0,):
        array = array.reshape(0, len(COLUMNS))
    if array.ndim != 2 or not len(BOX) <= array.shape[1] <= len(COLUMNS):
        raise DataError(f"detections of shape {array.shape}", remedy=_REMEDY)
    missing = _DEFAULTS[array.shape[1] - len(BOX) :]
    if missing:
        array = np.column_stack([array, np.tile(missing, (len(array), 1))])
    _check(array)
    return array


def _array_of(detections: Any) -> np.ndarray:
    """What is no array yet."""
    parts = parts_of(detections)
    if parts is not None:
        return _joined(parts)
    return _of_results(detections) if is_ultralytics(detections) else as_array(detections, "detections")


def as_array(values: Any, what: str) -> np.ndarray:
    """Numbers of any library as a float64 array of its own: arrays, tensors of any device and type, nested lists.

    Args:
        values: the numbers; what a masked array hides becomes nan.
        what: what they are, for the error.

    Raises:
        DataError: they are no numbers, or the rows of a list differ in length.
    """
    if type(values) is np.ndarray and values.dtype.kind in "biuf":
        return np.array(values, dtype=np.float64)
    if isinstance(values, (list, tuple)):
        values = [row.detach().cpu().double().numpy() if _is_tensor(row) else row for row in values]
    try:
        if _is_tensor(values):
            if values.is_complex():
                raise TypeError
            return np.array(values.detach().cpu().double().numpy())
        if values is None:
            raise TypeError
        array = values if isinstance(values, np.ndarray) else np.array(values)
        if isinstance(array, np.ma.MaskedArray):
            array = np.ma.filled(array.astype(np.float64), np.nan)
        if array.dtype.kind not in "biufO":
            raise TypeError
        return np.array(array, dtype=np.float64)
    except (TypeError, ValueError, ArithmeticError, RuntimeError):
        problem = f"{what} are {shown(values)}, not an array of numbers"
        raise DataError(problem, remedy=_REMEDY if what == "detections" else "pass one row of numbers a box") from None


def _is_tensor(values: Any) -> bool:
    """Whether it is a tensor; torch is never imported for those who pass none."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(values, torch.Tensor)


def _joined(parts: Parts) -> np.ndarray:
    """The parts of a detector's result as ``(N, 6)``."""
    boxes = as_array(parts.boxes, "detections")
    if boxes.shape == (0,):  # a frame without boxes, of detectors that keep lists
        boxes = boxes.reshape(0, len(BOX))
    if boxes.ndim != 2 or boxes.shape[1] != len(BOX):
        raise DataError(f"{parts.name} of shape {boxes.shape}", remedy="pass (N, 4): x1, y1, x2, y2")
    if parts.kind == "centre":
        boxes[:, TOP_LEFT] -= boxes[:, BOTTOM_RIGHT] / 2
    if parts.kind != "corners":
        boxes[:, BOTTOM_RIGHT] += boxes[:, TOP_LEFT]
    array = np.column_stack([boxes, np.tile(_DEFAULTS, (len(boxes), 1))])
    for column, values in ((CONFIDENCE, parts.confidence), (CLASS, parts.classes)):
        if values is not None:
            numbers = as_array(values, COLUMNS[column])
            if numbers.shape != (len(array),):
                problem = f"{COLUMNS[column]} of shape {numbers.shape} for {len(array)} boxes"
                raise DataError(problem, remedy="give one number a box, or None")
            array[:, column] = numbers
    return array


def _of_results(results: Any) -> np.ndarray:
    """``boxes.data`` holds corners, confidence and class; between them an identity, where a tracker has run."""
    if not hasattr(results.boxes, "data"):
        problem = f"boxes are {shown(results.boxes)}"
        raise DataError(problem, remedy=f"pass results with upright boxes, or {_REMEDY.removeprefix('pass ')}")
    array = as_array(results.boxes.data, "detections")
    if array.ndim == 2 and array.shape[1] == len(COLUMNS) + 1:
        return np.delete(array, CONFIDENCE, axis=1)
    return array


@compiled
def _sound(array: np.ndarray) -> bool:
    """Whether every row is a detection; the rules of :func:`_check` again, but fast: this runs every frame."""
    for row in range(len(array)):
        for side in range(2):
            size = array[row, 2 + side] - array[row, side]
            if not (0.0 < size <= LARGEST_SIZE and abs(array[row, side]) <= LARGEST_COORDINATE):
                return False
        kind = array[row, CLASS]
        if not (0.0 <= array[row, CONFIDENCE] <= 1.0 and abs(kind) <= LARGEST_WHOLE and kind == np.floor(kind)):
            return False
    return True


def _check(array: np.ndarray) -> None:
    """Refuses the first row that is no detection."""
    if _sound(np.ascontiguousarray(array)):
        return
    size = array[:, BOTTOM_RIGHT] - array[:, TOP_LEFT]
    rules = (
        (~np.isfinite(array).all(1), "is not finite: {row}", "drop it"),
        ((size <= 0).any(1), "has x2 ≤ x1 or y2 ≤ y1: {box}", "pass corners x1, y1, x2, y2, not left, top, w, h"),
        (
            # the limits of files, where right and bottom may lie beyond
            ((np.abs(array[:, TOP_LEFT]) > LARGEST_COORDINATE) | (size > LARGEST_SIZE)).any(1),
            "lies outside of any image: {box}",
            "coordinates are pixels",
        ),
        ((array[:, CONFIDENCE] < 0) | (array[:, CONFIDENCE] > 1), "has confidence {confidence:g}", "pass 0 to 1"),
        (
            (np.abs(array[:, CLASS]) > LARGEST_WHOLE) | (array[:, CLASS] != np.floor(array[:, CLASS])),
            "has class {class_id:g}",
            "pass a whole number below 2^53",
        ),
    )
    for broken, problem, remedy in rules:
        if broken.any():
            number = int(broken.argmax())
            row = array[number]
            text = problem.format(row=row, box=row[CORNERS], confidence=row[CONFIDENCE], class_id=row[CLASS])
            raise DataError(f"detection {number} {text}", remedy=remedy)


def rounded(corners: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Corners ``(N, 4)`` in the type of others, every box with a size: at least one pixel in whole numbers.

    Args:
        corners: float64.
        like: the corners ``(N, 4)`` that they come from.

    Example:
        >>> rounded(np.array([[9.7, 5.2, 10.3, 6.9]]), np.array([[9, 5, 11, 7]])).tolist()
        [[10, 5, 11, 7]]
    """
    if like.dtype.kind in "iu":
        limits = np.iinfo(like.dtype)
        first = np.clip(np.rint(corners[:, TOP_LEFT]), limits.min, limits.max - 1)
        last = np.clip(np.maximum(np.rint(corners[:, BOTTOM_RIGHT]), first + 1), None, limits.max)
        return np.concatenate([first, last], axis=1).astype(like.dtype)
    result = corners.astype(like.dtype)
    sound = (result[:, BOTTOM_RIGHT] > result[:, TOP_LEFT]).all(1) & np.isfinite(result).all(1)
    return np.where(sound[:, None], result, like)


def check_takes_lost(detections: Any, lag: int) -> None:
    """Raises where rows of lost tracks have no place in what is given back.

    Raises:
        DataError: detections come as ``supervision.Detections``, or there is a lag.
    """
    if lag or is_supervision(detections):
        what = "a lag" if lag else "supervision.Detections"
        raise DataError(f"lost=True with {what}", remedy="read tracker.tracks, which has the lost ones too")


def kept(detections: Any) -> Any:
    """A copy of a ``supervision.Detections``, as the caller may change it before it is reported; None: it is none."""
    return detections[:] if is_supervision(detections) else None


def as_given(detections: Any, rows: np.ndarray) -> Any:
    """Rows ``(M, 8)`` as they are, or as a ``supervision.Detections`` where the detections were one."""
    if not is_supervision(detections):
        return rows
    tracked = detections[rows[:, POSITION].astype(int)]
    tracked.xyxy = rounded(rows[:, CORNERS], np.asarray(tracked.xyxy))
    if tracked.class_id is not None:
        tracked.class_id = rows[:, TRACKED_CLASS].astype(np.asarray(tracked.class_id).dtype)
    tracked.tracker_id = rows[:, TRACK].astype(int)
    return tracked
