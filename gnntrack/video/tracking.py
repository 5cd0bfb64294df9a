"""A video, a detector and a tracker, frame by frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.geometry import xyxy_to_xywh
from gnntrack.sequence import BOX, Sequence
from gnntrack.tracking import Tracker
from gnntrack.tracking.detections import CLASS, COLUMNS, CONFIDENCE, CORNERS, detection_array
from gnntrack.tracking.stages import stages_of
from gnntrack.video.detectors import BoxesDetector
from gnntrack.video.reading import Video

#: A detector, or any function of an image and the number of its frame.
Finds = Callable[[np.ndarray, int], Any]


class TrackedFrame(NamedTuple):
    """The tracks of a frame.

    Attributes:
        frame: its number, from 1.
        image: ``(height, width, 3)``.
        rows: ``(M, 8)``, as :meth:`gnntrack.Tracker.update` returns them.
    """

    frame: int
    image: np.ndarray
    rows: np.ndarray


def detections_of(
    video: Video, detector: Finds, classes: frozenset[int] | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields each image with the boxes ``(N, 6)`` that the detector finds in it.

    Args:
        video: the images.
        detector: finds boxes.
        classes: numbers of the classes that are kept; None: all.

    Raises:
        DataError: the detector gives something that is no detections; the error names the frame.
    """
    for frame, image in enumerate(video.frames(), 1):
        try:
            found = detection_array(detector(image, frame))
        except DataError as error:
            raise DataError(f"{video.name}, frame {frame}: {error.problem}", remedy=error.remedy) from None
        yield image, found if classes is None else found[np.isin(found[:, CLASS], list(classes))]


def as_sequence(found: Iterable[np.ndarray], video: Video, names: Mapping[int, str]) -> Sequence:
    """The boxes of a whole video.

    Args:
        found: ``(N, 6)`` of each frame.
        video: whose boxes they are.
        names: of the classes.
    """
    frames = list(found)
    rows = np.concatenate([np.zeros((0, len(COLUMNS))), *frames])
    numbers = np.repeat(np.arange(1, len(frames) + 1), [len(boxes) for boxes in frames])
    table = pd.DataFrame(xyxy_to_xywh(rows[:, CORNERS]), columns=BOX)
    table = table.assign(frame=numbers, conf=rows[:, CONFIDENCE], class_id=rows[:, CLASS])
    return Sequence(
        video.name, table, video.width, video.height, video.frame_rate, length=len(frames), classes=dict(names)
    )


def track_video(
    video: Video, detector: Finds, tracker: Tracker, classes: frozenset[int] | None = None
) -> Iterator[TrackedFrame]:
    """Yields the tracks of each frame, as soon as they are known: with a tracker's lag, so many frames later.

    Args:
        video: from :func:`.open_video`.
        detector: from :func:`.open_detector`, or a function of an image and its frame that returns what
            :meth:`gnntrack.Tracker.update` takes.
        tracker: a new one, or one that was reset.
        classes: numbers of the classes that are tracked; None: all.

    Example:
        >>> from gnntrack import Tracker
        >>> images = [np.zeros((48, 64, 3), np.uint8)] * 3
        >>> video = Video("street", 64, 48, 25.0, 3, False, lambda: iter(images))
        >>> tracker = Tracker.from_pretrained("default", width=64, height=48, frame_rate=25)
        >>> found = track_video(video, lambda image, frame: [[5, 5, 25, 40, 0.9, 0]], tracker)
        >>> [(frame, len(rows)) for frame, _, rows in found]
        [(1, 1), (2, 1), (3, 1)]
    """
    waiting: deque[tuple[int, np.ndarray]] = deque()
    known, stages = detector if isinstance(detector, BoxesDetector) else None, stages_of(tracker.model, tracker.recipe)
    for frame, (image, found) in enumerate(detections_of(video, detector, classes), 1):
        waiting.append((frame, image))
        vectors = known.embeddings(frame) if known is not None and stages.uses_embeddings else None
        camera = known.camera(frame) if known is not None and stages.uses_camera else None
        rows = tracker.update(found, vectors, camera=camera)
        if len(waiting) > tracker.lag:
            yield TrackedFrame(*waiting.popleft(), rows)
    for (frame, image), rows in zip(waiting, tracker.flush(), strict=True):
        yield TrackedFrame(frame, image, rows)
