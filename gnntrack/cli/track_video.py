"""``gnntrack track`` of a video: a detector finds the boxes."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from gnntrack.cli.output import say, say_weights
from gnntrack.cli.progress import with_progress
from gnntrack.cli.reading import AS_USUAL, Reading
from gnntrack.cli.signals import asked_to_end
from gnntrack.errors import DataError, DataWarning

if TYPE_CHECKING:
    import numpy as np

    from gnntrack.formats.track_files import TrackFormat
    from gnntrack.sequence import Sequence
    from gnntrack.tracking import Tracker
    from gnntrack.tracking.class_groups import Classes
    from gnntrack.video.detectors import Detector
    from gnntrack.video.reading import Video
    from gnntrack.video.spool import Spool


@dataclass(frozen=True)
class VideoRun:
    """What ``gnntrack track`` was told, where the input is a video.

    Attributes:
        source: the video.
        detector: its name, as :func:`gnntrack.video.open_detector` takes it.
        detector_weights: of a torchvision model.
        weights: of the tracker.
        settings: of tracking, instead of those of the weights.
        output: folder of the tracks.
        mode: frame by frame, or with the whole video.
        reading: how files of boxes are read.
        lag: frames that identities are decided later.
        rounding: how scores become links.
        groups: classes that may share a track.
        to: form of the tracks.
        show: show a window.
        overwrite: replace the output.
    """

    source: str
    detector: str
    detector_weights: Path | None
    weights: str
    settings: dict[str, Any]
    output: Path
    mode: Literal["online", "offline"]
    reading: Reading
    lag: int
    rounding: Literal["exact", "greedy"] | None
    groups: Classes
    to: TrackFormat
    show: bool
    overwrite: bool


def track_video(run: VideoRun) -> None:
    """Tracks a video and writes its tracks.

    A camera or a stream ends by Ctrl-C: the tracks so far are written, and that is no error.
    """
    from gnntrack.files import check_inside
    from gnntrack.formats.track_files import track_file, write_track_file
    from gnntrack.models import load_for_tracking
    from gnntrack.models.overriding import overridden, way_of
    from gnntrack.outputs.places import check_file
    from gnntrack.tracking import Tracker, track_offline
    from gnntrack.tracking.class_groups import ClassGroups
    from gnntrack.video.detectors import open_detector
    from gnntrack.video.reading import open_video
    from gnntrack.video.spool import Spool

    model, recipe = load_for_tracking(run.weights)
    recipe = overridden(recipe, run.settings, way_of(run.mode, run.lag))
    video = open_video(run.source, run.reading.frame_rate)
    if video.live and run.mode == "offline":
        problem = f"--mode offline needs the whole video, and {video.name} has no end"
        raise DataError(problem, remedy="use --mode online")
    target = check_inside(track_file(run.output, video.name, run.to), run.output)
    check_file(target, run.overwrite, (run.source, run.detector))
    lowest = recipe.tracking.links.minimum_confidence
    options = run.reading.options()
    detector = open_detector(run.detector, video, run.detector_weights, lowest, options, run.reading.format())
    classes = _classes(run, detector)
    groups = ClassGroups.of(run.groups, detector.names)
    say_weights(run.weights)
    if run.mode == "offline":
        boxes = _detected(video, detector, classes)
        tracks = track_offline(boxes, model, recipe, run.rounding, classes=run.groups)
        several = boxes.boxes["class_id"].nunique() > 1
        write_track_file(target, [tracks], run.to, several)
        frames = max(boxes.length, video.length)  # boxes of a file may end before the video does
        say(f"{target}: {tracks.boxes['id'].nunique()} tracks, {len(tracks)} boxes in {frames} frames")
        return
    tracker = Tracker(
        model,
        recipe,
        width=video.width,
        height=video.height,
        frame_rate=video.frame_rate,
        classes=groups,
        rounding=run.rounding,
        lag=run.lag,
    )
    with Spool() as spool:
        _online(run, video, detector, classes, tracker, spool)
        spool.write(target, video, detector.names, run.to)
        say(f"{target}: {spool.identities} tracks, {spool.boxes} boxes in {spool.frames} frames")
    _warn_of_rest(detector, spool.frames)


def _classes(run: VideoRun, detector: Detector) -> frozenset[int] | None:
    """Numbers of the classes to track; None: all. Files of boxes are read with these classes alone.

    Raises:
        DataError: an option is about files of boxes and there are none, or a class is none of the detector's.
    """
    from gnntrack.formats.classes import check_known, class_numbers
    from gnntrack.video.detectors import BoxesDetector

    if isinstance(detector, BoxesDetector):
        return None
    known = ("classes", "frame_rate")
    for item in fields(Reading):
        if item.name not in known and getattr(run.reading, item.name) != getattr(AS_USUAL, item.name):
            option = "--from" if item.name == "from_" else f"--{item.name.replace('_', '-')}"
            raise DataError(f"{option} does nothing for {run.detector}", remedy="it is for files of boxes")
    wanted = tuple(run.reading.classes or ())
    for name in wanted:
        check_known(name, detector.names)
    return frozenset(class_numbers(detector.names, wanted)) if wanted else None


def _online(
    run: VideoRun, video: Video, detector: Detector, classes: frozenset[int] | None, tracker: Tracker, spool: Spool
) -> None:
    """Tracks frame by frame, until the video ends or, of a camera or a stream, the user ends it."""
    from gnntrack.video.tracking import track_video as tracked_frames

    with ExitStack() as stack:
        ended = stack.enter_context(asked_to_end()) if video.live else lambda: False
        shows = stack.enter_context(_Shown(video, detector)) if run.show else None
        if video.live:
            say(f"{video.name}: tracking; Ctrl-C ends it and writes the tracks", err=True)
        found = tracked_frames(video, detector, tracker, classes)
        for frame, image, rows in with_progress(found, video.length, "tracking"):
            spool.add(frame, rows)
            if shows is not None:
                shows.show(frame, image, rows)
            if ended() or (video.live and shows is not None and not shows.open):
                break
        for frame, rows in enumerate(tracker.flush(), spool.frames + 1):
            spool.add(frame, rows)


def _detected(video: Video, detector: Detector, classes: frozenset[int] | None) -> Sequence:
    """The boxes of a whole video."""
    from gnntrack.video.detectors import BoxesDetector
    from gnntrack.video.tracking import as_sequence, detections_of

    if isinstance(detector, BoxesDetector):
        return detector.boxes
    frames = with_progress(detections_of(video, detector, classes), video.length, "detecting")
    return as_sequence((found for _, found in frames), video, detector.names)


def _warn_of_rest(detector: Detector, frames: int) -> None:
    """Says that boxes lie beyond the end of the video."""
    from gnntrack.video.detectors import BoxesDetector

    if isinstance(detector, BoxesDetector) and len(detector.boxes):
        last = int(detector.boxes.frames[-1])
        if last > frames:
            text = f"boxes reach to frame {last}, the video has {frames}: is it the same one?"
            warnings.warn(text, DataWarning, stacklevel=2)


class _Shown:
    """A window in which tracks are drawn over the frames."""

    def __init__(self, video: Video, detector: Detector) -> None:
        from gnntrack.video.painting import Painter
        from gnntrack.video.window import Window

        self._painter = Painter(names=detector.names)
        self._window = Window(f"gnntrack: {video.name}")

    @property
    def open(self) -> bool:
        """Whether the user has not closed it."""
        return self._window.open

    def show(self, frame: int, image: np.ndarray, rows: np.ndarray) -> None:
        """Shows a frame with its tracks ``(M, 8)``."""
        if self.open:
            self._window.show(self._painter.paint_tracks(image, frame, rows))

    def __enter__(self) -> _Shown:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._window.close()
