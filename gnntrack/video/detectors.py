"""Detectors: torchvision's, Ultralytics', or boxes that lie in files. A package is imported where it is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gnntrack.errors import DataError
from gnntrack.formats.format import Format
from gnntrack.formats.options import ReadingOptions, SequenceInfo
from gnntrack.geometry import xywh_to_xyxy
from gnntrack.packages import needed_package
from gnntrack.reading import read
from gnntrack.sequence import Sequence
from gnntrack.showing import shown
from gnntrack.video.reading import Video

PACKAGES = ("ultralytics", "torchvision")
EXPECTED = "give ultralytics:yolo11n.pt, torchvision:fasterrcnn_resnet50_fpn_v2 or a file of boxes"


class Detector(Protocol):
    """Finds the objects in an image.

    Attributes:
        names: of the classes, by number, as far as they are known.
    """

    names: Mapping[int, str]

    def __call__(self, image: np.ndarray, frame: int) -> Any:
        """The boxes in the image ``(height, width, 3)`` of a frame (from 1), as ``Tracker.update`` takes them."""


class BoxesDetector:
    """Boxes that were found before, frame by frame.

    Args:
        boxes: of the video.
    """

    def __init__(self, boxes: Sequence) -> None:
        self.names: Mapping[int, str] = boxes.classes
        self.boxes = boxes
        values = boxes.boxes[["conf", "class_id"]].to_numpy()
        self._array = np.column_stack([xywh_to_xyxy(boxes.xywh), values])

    def __call__(self, image: np.ndarray, frame: int) -> np.ndarray:
        """The boxes ``(N, 6)`` of a frame."""
        return self._array[self.boxes.rows_of(frame)]

    def embeddings(self, frame: int) -> np.ndarray | None:
        """The appearance vectors ``(N, D)`` of these boxes; None where there are none."""
        vectors = self.boxes.embeddings
        return None if vectors is None else vectors[self.boxes.rows_of(frame)]

    def camera(self, frame: int) -> np.ndarray | None:
        """How the camera has moved since the frame before ``(2, 3)``; None where that is not known."""
        steps = self.boxes.camera
        return None if steps is None or frame > len(steps) else steps[frame - 1]


def open_detector(
    wanted: str,
    video: Video,
    weights: str | Path | None = None,
    confidence: float = 0.1,
    options: ReadingOptions = ReadingOptions(),
    format_: str | Format | None = None,
) -> Detector:
    """A detector by its name.

    Args:
        wanted: ``ultralytics:FILE`` (a model of Ultralytics), ``torchvision:MODEL`` (one of
            ``torchvision.models.detection``), or a path of boxes in any format.
        video: what it will look at.
        weights: of a torchvision model: a file of its ``state_dict``; None: torchvision's own, which it downloads.
        confidence: lowest confidence of the boxes that a model gives.
        options: how files of boxes are read.
        format_: of files of boxes; recognised if missing.

    Raises:
        DataError: there is no such model or file, or its package is not installed.
    """
    package, colon, name = wanted.partition(":")
    if colon and package in PACKAGES:
        if package == "torchvision":
            from gnntrack.video.torchvision_detector import TorchvisionDetector

            return TorchvisionDetector(name, weights, confidence)
        _refuse_weights(weights, wanted)
        return UltralyticsDetector(name, confidence)
    _refuse_weights(weights, wanted)
    if not Path(wanted).exists():
        raise DataError(f"no detector {shown(wanted)}", remedy=EXPECTED)
    return BoxesDetector(_boxes_of(wanted, video, options, format_))


def _refuse_weights(weights: str | Path | None, wanted: str) -> None:
    if weights is not None:
        problem = f"--detector-weights does nothing for {shown(wanted)}"
        raise DataError(problem, remedy="it is for torchvision: models; leave it out")


def _boxes_of(path: str, video: Video, options: ReadingOptions, format_: str | Format | None) -> Sequence:
    """The boxes of the video: the only ones there are, or those of its name; its size and rate count."""
    known = SequenceInfo(video.name, video.width, video.height, video.frame_rate)
    told = replace(options, size=options.size or (known.width, known.height), frame_rate=known.frame_rate)
    found = read(path, "detections", told, format_)
    if len(found) > 1:
        found = [boxes for boxes in found if boxes.name == video.name] or found
    if len(found) > 1:
        names = ", ".join(boxes.name for boxes in found[:8])
        raise DataError(f"boxes of {len(found)} videos", remedy=f"choose with --sequence: {names}", path=path)
    return found[0]


class UltralyticsDetector:
    """A model of Ultralytics. Its ``.pt`` files are pickles, which that package runs: use those that you trust.

    Args:
        weights: a model's name or file.
        confidence: lowest confidence of its boxes.

    Raises:
        DataError: the package is not installed, or there is no such model.
    """

    def __init__(self, weights: str, confidence: float) -> None:
        with needed_package(f"the detector ultralytics:{weights}"):
            from ultralytics import YOLO
        try:
            self._model = YOLO(weights)
        except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
            problem = f"ultralytics cannot load {shown(weights)}: {shown(str(error))}"
            raise DataError(problem, remedy="name a model or a file of Ultralytics") from None
        self._confidence = confidence
        self.names: Mapping[int, str] = {int(number): str(name) for number, name in dict(self._model.names).items()}

    def __call__(self, image: np.ndarray, frame: int) -> Any:
        """Ultralytics' results of an image."""
        blue_first = np.ascontiguousarray(np.flip(image, axis=2))
        return self._model.predict(blue_first, conf=self._confidence, verbose=False)[0]
