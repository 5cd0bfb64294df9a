"""Videos and windows of every setting: fewer frames a second, synthetic scenes of a density."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from loss_arms import Setting
from loss_runs import window_graphs
from loss_sets import VideoSet, read_set, synthetic_video

from gnntrack.datasets.labelled import Labelled
from gnntrack.sequence import Sequence

STEPS, VIDEOS = 80, 3
#: Frames of windows a step, whatever their length.
FRAMES = 48


class Source:
    """Videos of every setting, read or made once.

    Args:
        root: folder that holds the data sets.
    """

    def __init__(self, root: Path) -> None:
        whole = read_set("dancetrack", root, ["train/*"])
        self.dancetrack = replace(whole, choosing=whole.choosing[:1])
        self.videos = cache(self._videos)

    def _videos(self, every: int, objects: int) -> VideoSet:
        if objects:
            return synthetic(objects)
        parts = ("teaching", "choosing", "testing")
        return replace(
            self.dancetrack,
            **{part: [thinned(item, every) for item in getattr(self.dancetrack, part)] for part in parts},
        )

    def graphs(self, setting: Setting, seed: int) -> list[object]:
        """The windows of a seed."""
        videos = self.videos(setting.every, setting.objects)
        return window_graphs(videos.taught(VIDEOS, seed), seed, STEPS * batch_of(setting), setting.graphs)


def batch_of(setting: Setting) -> int:
    """Windows a step: the same number of frames everywhere, fewer where there are more objects."""
    fewer = max(1, setting.objects // 20)
    return max(1, round(FRAMES / setting.graphs.window / fewer))


def thinned(item: Labelled, every: int) -> Labelled:
    """Every so-many-th frame, detections and annotations."""
    if every == 1:
        return item
    assert item.annotations is not None
    kept = item.take(item.sequence.frames % every == 0)
    return replace(kept, sequence=slower(kept.sequence, every), annotations=slower(item.annotations, every))


def slower(boxes: Sequence, every: int) -> Sequence:
    kept = boxes.take(boxes.frames % every == 0)
    table = kept.boxes.assign(frame=kept.frames // every)
    return replace(kept, boxes=table, frame_rate=boxes.frame_rate / every, length=boxes.length // every)


def synthetic(objects: int) -> VideoSet:
    """Scenes of one density; fewer frames where there are more objects."""
    frames = min(100, max(20, 4000 // objects))
    seeds = {"teaching": range(100, 105), "choosing": range(200, 201), "testing": range(300, 303)}
    videos = {part: [synthetic_video(objects, frames, seed) for seed in chosen] for part, chosen in seeds.items()}
    return VideoSet(f"{objects} objects", **videos)
