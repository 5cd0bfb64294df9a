"""The videos that speed is measured on: made ones of any number of boxes, or those of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.datasets.synthetic.detector import simulate
from gnntrack.datasets.synthetic.detector_model import DetectorModel
from gnntrack.datasets.synthetic.scenes import make_scene
from gnntrack.datasets.synthetic.settings import SceneSettings
from gnntrack.formats.options import ReadingOptions
from gnntrack.reading import read
from gnntrack.sequence import Sequence

DETECTOR = Path(__file__).parent.parent / "datasets" / "dancetrack-yolox.json"
#: Twelve objects of a quarter of the image's height; more are smaller, so that they overlap as much.
OBJECTS, HEIGHT = 12, 0.25
#: Boxes of lower confidence are shown to no tracker.
LEAST_CONFIDENCE = 0.1


@dataclass(frozen=True)
class Video:
    """The detections of a video.

    Attributes:
        name: of it.
        width: of the image, pixels.
        height: likewise.
        frame_rate: frames a second.
        frames: of each frame ``(N, 6)``: x1, y1, x2, y2, confidence, class.
    """

    name: str
    width: int
    height: int
    frame_rate: float
    frames: list[np.ndarray]

    @classmethod
    def of(cls, detections: Sequence) -> Video:
        """The boxes of a sequence that trackers are shown."""
        confidence = detections.boxes["conf"].to_numpy()
        corners = detections.xywh.copy()
        corners[:, 2:] += corners[:, :2]
        table = np.column_stack([corners, confidence, np.zeros(len(corners))])
        frames = []
        for number in range(1, detections.length + 1):
            rows = table[detections.rows_of(number)]
            frames.append(rows[rows[:, 4] >= LEAST_CONFIDENCE])
        size = detections.width, detections.height, detections.frame_rate
        return cls(detections.name, *size, frames)

    @property
    def boxes(self) -> float:
        """Mean number in a frame."""
        return sum(map(len, self.frames)) / max(1, len(self.frames))

    def sequence(self) -> Sequence:
        """All boxes in one table."""
        rows = np.concatenate(self.frames)
        table = pd.DataFrame({"frame": np.repeat(np.arange(1, len(self.frames) + 1), list(map(len, self.frames)))})
        table["x"], table["y"] = rows[:, 0], rows[:, 1]
        table["w"], table["h"], table["conf"] = rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1], rows[:, 4]
        return Sequence(self.name, table, self.width, self.height, self.frame_rate, len(self.frames))

    def save(self, path: Path) -> None:
        """Writes it for another process."""
        about = np.array([self.width, self.height, self.frame_rate])
        np.savez(path, about=about, rows=np.concatenate(self.frames), counts=np.array(list(map(len, self.frames))))

    @classmethod
    def load(cls, path: Path) -> Video:
        """The inverse of :meth:`save`."""
        with np.load(path, allow_pickle=False) as kept:
            (width, height, rate), rows, counts = kept["about"].tolist(), kept["rows"], kept["counts"]
        return cls(path.stem, int(width), int(height), rate, np.split(rows, np.cumsum(counts)[:-1]))


def made(boxes: int, frames: int, seed: int = 0) -> Video:
    """A synthetic video with about so many boxes in a frame, found by the detector of DanceTrack's boxes."""
    height = HEIGHT * (OBJECTS / boxes) ** 0.5
    scene = make_scene(SceneSettings(objects=boxes, frames=frames, object_height=height, seed=seed))
    model = DetectorModel.model_validate_json(DETECTOR.read_text(encoding="utf-8"))
    return Video.of(simulate(scene, model, seed))


def found(folder: Path) -> list[Video]:
    """The videos of a folder that gnntrack reads."""
    return [Video.of(detections) for detections in read(folder, "detections", ReadingOptions(confidence="rescale"))]
