"""Whose speed is measured: ours, peers in numpy, compiled peers, and another checkout of ours.

Each runs through a video and gives the processor seconds of every frame; turning boxes into what a tracker takes is
not counted. Peers that are not installed are left out.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from speed_videos import Video

from gnntrack.models import load_for_tracking
from gnntrack.tracking import Tracker, track_offline

HERE = Path(__file__).parent
#: Runs through a video, and gives the processor seconds of each frame.
Run = Callable[[Video], np.ndarray]
OURS, OFFLINE = "gnntrack", "gnntrack, offline"


def of_stream(begin: Callable[[Video], Callable[[Any], Any]], given: Callable[[np.ndarray], Any]) -> Run:
    """A tracker that is called frame by frame.

    Args:
        begin: gives ``update`` of a new tracker.
        given: makes what it takes out of ``(N, 6)``.
    """

    def run(video: Video) -> np.ndarray:
        update, spent = begin(video), np.empty(len(video.frames))
        for number, frame in enumerate([given(frame) for frame in video.frames]):
            start = time.thread_time()
            update(frame)
            spent[number] = time.thread_time() - start
        return spent

    return run


def ours(settings: dict[str, Any] | None = None) -> Run:
    """The online tracker with the shipped weights."""

    def begin(video: Video) -> Callable[[Any], Any]:
        size = {"width": video.width, "height": video.height, "frame_rate": video.frame_rate}
        return Tracker.from_pretrained("default", **size, **(settings or {})).update

    return of_stream(begin, np.copy)


def offline(video: Video) -> np.ndarray:
    """The offline tracker; a frame's share of it."""
    model, recipe = load_for_tracking("default")
    detections = video.sequence()
    start = time.thread_time()
    track_offline(detections, model, recipe)
    return np.full(len(video.frames), (time.thread_time() - start) / len(video.frames))


def peers() -> dict[str, Run]:
    """The trackers of `trackers` (numpy), `pyxtrackers` (Cython) and `trackforge` (Rust) at their defaults."""
    runs: dict[str, Run] = {}
    if _installed("trackers"):
        from gnntrack.bench.peers import PEERS  # here: another checkout may not have it

        runs |= {peer.title: _numpy(peer.kind, dict(peer.fixed)) for peer in PEERS.values()}
    if _installed("pyxtrackers"):
        runs |= {f"{name}, pyxtrackers": _cython(name) for name in ("Sort", "BYTETracker", "OCSort")}
    if _installed("trackforge"):
        runs |= {f"{name}, trackforge": _rust(name) for name in ("SORT", "BYTETRACK", "OCSORT", "BOTSORT")}
    return runs


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _numpy(name: str, settings: dict[str, Any]) -> Run:
    import supervision
    import trackers

    def given(frame: np.ndarray) -> Any:
        kinds = np.zeros(len(frame), dtype=int)
        return supervision.Detections(xyxy=frame[:, :4].copy(), confidence=frame[:, 4].copy(), class_id=kinds)

    return of_stream(lambda video: getattr(trackers, name)(frame_rate=video.frame_rate, **settings).update, given)


def _cython(name: str) -> Run:
    import pyxtrackers

    needed = {"OCSort": {"det_thresh": 0.3}}.get(name, {})
    return of_stream(lambda _: getattr(pyxtrackers, name)(**needed).update, lambda frame: frame[:, :5].copy())


def _rust(name: str) -> Run:
    import trackforge

    def given(frame: np.ndarray) -> Any:
        sizes = np.concatenate([frame[:, :2], frame[:, 2:4] - frame[:, :2]], axis=1)
        return [(box, conf, 0) for box, conf in zip(sizes.tolist(), frame[:, 4].tolist(), strict=True)]

    def begin(_: Video) -> Callable[[Any], Any]:
        update = getattr(trackforge, name)().update
        return (lambda boxes: update(boxes, [])) if name == "BOTSORT" else update

    return of_stream(begin, given)


class Elsewhere:
    """Another checkout of ours in a process of its own, which waits while others run.

    Args:
        checkout: its folder.
        folder: for the videos.
    """

    def __init__(self, checkout: Path, folder: Path) -> None:
        self._folder = folder
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(checkout.resolve()), str(HERE)])}
        command = [sys.executable, "-c", "import speed_elsewhere; speed_elsewhere.answer()"]
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,  # python -c looks into its own folder first
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str) -> Run:
        """Its run of this name."""

        def run(video: Video) -> np.ndarray:
            assert self._process.stdin is not None and self._process.stdout is not None
            path = self._folder / f"{video.name} {len(video.frames)} {video.boxes:.1f}.npz"
            if not path.exists():
                video.save(path)
            print(json.dumps([name, str(path)]), file=self._process.stdin, flush=True)
            return np.array(json.loads(self._process.stdout.readline()))

        return run

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()
