"""The ways of the pages, as a newcomer goes them; benchmarks/journeys.py types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARRAYS = """
import numpy as np
from gnntrack import Tracker
from gnntrack.tracking import as_sequence, write_tracks
from gnntrack.video import draw, open_video

video = open_video("street.mp4")
boxes = np.load("boxes.npy")  # frame, x1, y1, x2, y2, confidence, class
found = [boxes[boxes[:, 0] == frame, 1:] for frame in range(1, video.length + 1)]
about = {"width": video.width, "height": video.height, "frame_rate": video.frame_rate}
tracker = Tracker.from_pretrained("default", **about)
tracks = as_sequence([tracker.update(rows) for rows in found], name=video.name, **about)
draw(tracks, "street-tracks.mp4", video)
write_tracks("street.txt", tracks)
"""
CLASSES = """
import numpy as np
from gnntrack import Tracker

tracker = Tracker.from_pretrained("default", width=1920, height=1080, frame_rate=25, classes="separate")
for frame in range(40):
    x = 100 + 9 * frame
    rows = tracker.update(np.array([[x, 200, x + 60, 380, 0.9, 0], [x - 40, 230, x + 120, 360, 0.8, 2]]))
assert sorted(rows[:, 6]) == [0, 2]
"""
SAVE = """
import numpy as np
from gnntrack import Tracker

tracker = Tracker.from_pretrained("default", width=1920, height=1080, frame_rate=25)
for frame in range(20):
    tracker.update(np.array([[100.0 + 5 * frame, 200, 160 + 5 * frame, 380, 0.9, 0]]))
tracker.save("camera.state")
"""
LOAD = """
import numpy as np
from gnntrack import Tracker

tracker = Tracker.load("camera.state")
rows = tracker.update(np.array([[200.0, 200, 260, 380, 0.9, 0]]))
assert rows[0, 4] == 1
"""


@dataclass(frozen=True)
class Step:
    """Something that is typed.

    Attributes:
        text: a command, or Python code.
        interrupt: it is a command that Ctrl-C stops once this stands in its output.
    """

    text: str
    interrupt: str = ""

    @property
    def python(self) -> bool:
        return self.text.startswith("\n")


@dataclass(frozen=True)
class Journey:
    """A way that pages describe.

    Attributes:
        key: short name.
        title: what is wanted.
        page: which page tells it.
        steps: what is typed.
        leaves: files that are there in the end.
        prepare: makes what the user has; it is not counted.
        light: goes in the environment without torch.
    """

    key: str
    title: str
    page: str
    steps: tuple[Step, ...]
    leaves: tuple[str, ...]
    prepare: Callable[[Path, Callable[..., Any]], None] = lambda folder, run: None
    light: bool = False


def video_and_arrays(folder: Path, run: Callable[..., Any]) -> None:
    """A video of 120 frames, and boxes.npy: a row frame, x1, y1, x2, y2, confidence, class each."""
    run("gnntrack synth -o scene --frames 120 --objects 8 --detector dancetrack-yolox")
    drawn = "gnntrack draw scene/synthetic-0001 --tracks scene/synthetic-0001/gt/gt.txt --width 960 --labels none"
    run(f"{drawn} -o street.mp4")
    run(
        "\nimport numpy as np\nrows = np.loadtxt('scene/synthetic-0001/det/det.txt', delimiter=',')\n"
        "rows = rows[np.argsort(rows[:, 0], kind='stable')]\nx, y, w, h = rows[:, 2:6].T / 2\n"
        "np.save('boxes.npy', np.column_stack([rows[:, 0], x, y, x + w, y + h, rows[:, 6], 0 * x]))\n"
    )


def coco_results(folder: Path, run: Callable[..., Any]) -> None:
    """annotations.json, and results.json as detectors write it: a bare list."""
    run("gnntrack synth -o scenes --sequences 2 --frames 120 --objects 8 --detector dancetrack-yolox")
    run("gnntrack convert scenes --to coco -o coco")
    found = json.loads((folder / "coco" / "detections.json").read_text())["annotations"]
    keys = ("image_id", "category_id", "bbox", "score")
    (folder / "results.json").write_text(json.dumps([{key: row[key] for key in keys} for row in found]))
    (folder / "coco" / "annotations.json").rename(folder / "annotations.json")


def two_videos(folder: Path, run: Callable[..., Any]) -> None:
    run("gnntrack synth -o DATA --sequences 2 --frames 120 --objects 8 --detector dancetrack-yolox")


def three_videos(folder: Path, run: Callable[..., Any]) -> None:
    run("gnntrack synth -o DATA/street --sequences 3 --frames 120 --objects 8 --detector dancetrack-yolox")
    text = "format: mot\nroot: street\ntraining: ['*']\nvalidation: [synthetic-0003]\nboxes: [detections]\n"
    (folder / "street.yaml").write_text(text)


def kitti(folder: Path, run: Callable[..., Any]) -> None:
    """KITTI's form, half of the objects cars."""
    run("gnntrack synth -o scenes --sequences 2 --frames 120 --objects 8 --detector dancetrack-yolox")
    run("gnntrack convert scenes --to kitti -o kitti")
    for path in (folder / "kitti").rglob("*.txt"):
        rows = [line.split() for line in path.read_text().splitlines()]
        named = [[*row[:2], "Car" if float(row[6]) % 2 < 1 else "Pedestrian", *row[3:]] for row in rows]
        path.write_text("".join(" ".join(row) + "\n" for row in named))


TRAIN = "gnntrack train --recipe mpn --epochs 3 --root DATA --dataset street.yaml -o run"
JOURNEYS = (
    Journey(
        "arrays",
        "Own numpy boxes to a drawn video",
        "docs/video.md",
        (Step("pip install '.[video]'"), Step(ARRAYS)),
        ("street-tracks.mp4", "street.txt"),
        video_and_arrays,
    ),
    Journey(
        "coco",
        "A COCO results file to evaluated tracks",
        "docs/track.md",
        (
            Step("gnntrack track results.json --image-list annotations.json -o tracks"),
            Step("gnntrack eval --gt annotations.json --pred tracks"),
        ),
        ("tracks/synthetic-0001.txt",),
        coco_results,
    ),
    Journey(
        "classes",
        "Two classes at once",
        "docs/track.md",
        (
            Step("gnntrack track kitti --classes separate --to kitti -o tracks"),
            Step("gnntrack eval --gt kitti --pred tracks"),
            Step(CLASSES),
        ),
        ("tracks/synthetic-0001.txt",),
        kitti,
    ),
    Journey(
        "tune",
        "Tune on two videos",
        "docs/train.md",
        (
            Step("pip install '.[tune]'"),
            Step("gnntrack tune DATA --trials 8 --timeout 10m -o tuned.safetensors"),
            Step("gnntrack track DATA --weights tuned.safetensors -o tracks"),
        ),
        ("tuned.safetensors", "tuned.png", "tracks/synthetic-0001.txt"),
        two_videos,
    ),
    Journey(
        "resume",
        "Stop and resume",
        "docs/train.md, docs/online.md",
        (Step(TRAIN, interrupt="epoch 1/3"), Step(f"{TRAIN} --resume"), Step(SAVE), Step(LOAD)),
        ("run/weights.safetensors", "camera.state"),
        three_videos,
    ),
    Journey(
        "light",
        "Track without torch",
        "docs/online.md",
        (
            Step("gnntrack track DATA --weights default -o tracks"),
            Step("gnntrack eval --gt DATA --pred tracks"),
            Step(SAVE),
        ),
        ("tracks/synthetic-0001.txt", "camera.state"),
        two_videos,
        light=True,
    ),
)
