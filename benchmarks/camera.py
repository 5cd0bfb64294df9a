"""What a known camera motion gives: the shipped weights with and without camera.txt, on real and on synthetic videos.

    pip install --constraint constraints.txt --editable '.[bench]'
    OMP_NUM_THREADS=1 python benchmarks/camera.py --root DATA

camera.yaml lists the videos; DATA/camera-motion holds a file of matrices for each (GMC). As single decisions weigh
much, every video is tracked as it is and in slightly disturbed copies (copies.py), whose scores are averaged. Intervals
are over videos. Writes results/camera.json and camera.md; what is there already is kept, so a run that was cut off goes
on.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from kept import Kept
from scenes import Scene, Scenes, disturbed, read_scenes
from tables import table

from gnntrack.bench import Run, gain_of, ours
from gnntrack.datasets.synthetic import SceneSettings, find_detector, make_scene, simulate
from gnntrack.errors import DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.evaluation.table import in_percent
from gnntrack.formats.camera_file import read_camera
from gnntrack.geometry import centres
from gnntrack.geometry.camera_motion import moved_xywh
from gnntrack.sequence import Sequence

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "camera.json"
SCORES = ("hota", "assa", "idsw", "purity")
#: A camera moves if the middle of the image moves by this, in pixels, on average from frame to frame.
MOVES = 1.0
TOLD = UNKNOWN, KNOWN = "not known", "known"
COPIES, SEEDS, FRAMES = 3, 2, 400
#: Synthetic cameras; all see the same people.
CAMERAS: dict[str, dict[str, float]] = {
    "stands still": {"camera": 0.0},
    "pans": {"camera": 0.2},
    "shakes": {"camera": 0.02, "shake": 0.015},
    "zooms and turns": {"camera": 0.05, "zoom": 0.3, "roll": 15.0},
    "all of these": {"camera": 0.2, "shake": 0.01, "zoom": 0.3, "roll": 15.0},
}
Found = dict[str, dict[str, Any]]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    results = Kept(RESULTS)
    found = results.rows
    runs = {mode: ours(mode, options.weights) for mode in ("online", "offline")}  # type: ignore[arg-type]
    for name, about, copies in [*videos(options.root), *scenes()]:
        kept = found.setdefault(name, {**about, "scores": {}})
        for number, (scene, benchmark) in enumerate(copies):
            measure(kept["scores"], str(number), name, scene, benchmark, runs)
            results.write()
    results.tell(report)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets and camera-motion")
    parser.add_argument("--weights", default="default", help="of gnntrack (default: %(default)s)")
    return parser.parse_args()


def videos(root: Path) -> Iterator[tuple[str, dict[str, Any], list[tuple[Scene, str]]]]:
    """Real videos whose camera motion is known, with what is known of each, and their copies."""
    for entry in yaml.safe_load((HERE / "camera.yaml").read_text()):
        found = read_scenes(entry["name"], entry, root)
        for name, scene in found.scenes.items():
            file = read_camera(root / "camera-motion" / f"{name.replace('dancetrack', 'dancetrack-')}.txt")
            if file is not None:
                camera = file.of_video(scene.detections.length)
                one = replace(found, scenes={name: replace(scene, detections=replace(scene.detections, camera=camera))})
                yield name, described(entry, one, name, camera), copies_of(one, name)


def described(entry: dict[str, Any], found: Scenes, name: str, camera: np.ndarray) -> dict[str, Any]:
    """How the camera moves, and how far annotated objects step, before and after its motion is taken out."""
    before, after = steps(found.counted(name), camera)
    size = np.array([found.scenes[name].truth.width, found.scenes[name].truth.height])
    middle = np.append(0.5 * size, 1.0)
    motion = np.linalg.norm(camera[1:] @ middle - 0.5 * size, axis=1).mean()
    about = {"set": found.name, "learned": name in entry["learned"], "motion": round(float(motion), 2)}
    return about | {"step": round(before, 2), "step_less_camera": round(after, 2)}


def steps(truth: Sequence, camera: np.ndarray) -> tuple[float, float]:
    """The mean distance, in pixels, of a box from that of its object in the frame before: as it was, and moved."""
    order = np.lexsort([truth.frames, truth.boxes["id"].to_numpy()])
    box, frame, identity = truth.xywh[order], truth.frames[order], truth.boxes["id"].to_numpy()[order]
    next_ = np.flatnonzero((np.diff(identity) == 0) & (np.diff(frame) == 1)) + 1
    was = box[next_ - 1]
    both = (centres(box[next_]) - centres(one) for one in (was, moved_xywh(was, camera[frame[next_] - 1])))
    before, after = (float(np.linalg.norm(step, axis=1).mean()) for step in both)
    return before, after


def copies_of(found: Scenes, name: str) -> list[tuple[Scene, str]]:
    return [(disturbed(found, number).scenes[name], found.benchmark) for number in range(COPIES)]


def scenes() -> Iterator[tuple[str, dict[str, Any], list[tuple[Scene, str]]]]:
    """Synthetic scenes, some for each camera."""
    detector = find_detector("dancetrack-yolox")
    for kind, camera in CAMERAS.items():
        made = []
        for seed in range(SEEDS):
            wishes = SceneSettings(objects=14, frames=FRAMES, dancers=0.3, seed=seed, camera_known=True, **camera)  # type: ignore[arg-type]
            truth = make_scene(wishes)
            found = simulate(truth, detector, seed)
            made.append((Scene(truth, found.take(found.boxes["conf"].to_numpy() >= 0.1)), "custom"))
        yield f"camera {kind}", {"set": "synthetic", "learned": False}, made


def measure(kept: dict[str, Any], number: str, name: str, scene: Scene, benchmark: str, runs: dict[str, Run]) -> None:
    """Adds the scores of a copy that are missing."""
    for mode, run in runs.items():
        for told in TOLD:
            rows = kept.setdefault(f"{mode}, {told}", {})
            if number not in rows:
                detections = scene.detections if told == KNOWN else replace(scene.detections, camera=None)
                row = in_percent(evaluate({name: (scene.truth, run(detections).tracks)}, benchmark))[name]
                rows[number] = {key: round(float(row[key]), 3) for key in SCORES}


def report(found: Found) -> str:
    real = {name: video for name, video in found.items() if video["set"] != "synthetic"}
    moving = {name: video for name, video in real.items() if video["motion"] >= MOVES}
    unseen = {name: video for name, video in moving.items() if not video["learned"]}
    groups = {
        "cameras that move": moving,
        "of these, videos that were not learned from": unseen,
        "cameras that stand (almost) still": {name: video for name, video in real.items() if name not in moving},
    }
    synthetic = {name: video for name, video in found.items() if video["set"] == "synthetic"}
    seeds = min(len(rows) for video in synthetic.values() for rows in video["scores"].values())
    parts = [
        "HOTA and switches of the shipped weights with the camera's motion known, less without: mean over videos, "
        f"95 % bootstrap interval; each video as it is and in {COPIES - 1} disturbed copies.",
        gains({f"{title} ({len(videos_)})": videos_ for title, videos_ in groups.items() if videos_}),
        "## Synthetic scenes, HOTA (switches), without → with",
        f"Scenes of {FRAMES} frames with 14 people, {seeds} for each camera; simulated detections.",
        made(synthetic),
        "## Each video, HOTA (switches), without → with",
        "Motion: of the middle of the image, pixels a frame. Step: mean distance of an annotated box from that of its "
        "object in the frame before, as it is → with the camera's motion taken out. \\*: learned from.",
        each(real),
    ]
    return "\n\n".join(parts)


def score(video: dict[str, Any], mode: str, told: str, key: str) -> float:
    """The mean over copies."""
    return float(np.mean([row[key] for row in video["scores"][f"{mode}, {told}"].values()]))


def gain(video: dict[str, Any], mode: str, key: str) -> float:
    return score(video, mode, KNOWN, key) - score(video, mode, UNKNOWN, key)


def gains(groups: dict[str, Found]) -> str:
    rows = []
    for title, members in groups.items():
        for mode in ("online", "offline"):
            cells = [str(gain_of(np.array([gain(video, mode, key) for video in members.values()]))) for key in SCORES]
            rows.append([title, mode, *cells])
    return table(["videos", "mode", "HOTA", "AssA", "switches a video", "purity"], rows)


def cells(video: dict[str, Any]) -> list[str]:
    return [
        " → ".join(f"{score(video, mode, told, 'hota'):.1f} ({score(video, mode, told, 'idsw'):.0f})" for told in TOLD)
        for mode in ("online", "offline")
    ]


def made(found: Found) -> str:
    rows = [[name.removeprefix("camera "), *cells(video)] for name, video in found.items()]
    return table(["the camera", "online", "offline"], rows)


def each(found: Found) -> str:
    rows = []
    for name, video in found.items():
        marked = f"{name}{' *' if video['learned'] else ''}".replace("*", "\\*")
        step = f"{video['step']:.1f} → {video['step_less_camera']:.1f}"
        rows.append([marked, f"{video['motion']:.1f}", step, *cells(video)])
    return table(["video", "motion", "step", "online", "offline"], rows)


if __name__ == "__main__":
    main()
