"""Compiling all that tracking needs before a stream starts: nothing is compiled later, whatever comes."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd

from gnntrack.association.histories import observations
from gnntrack.compiled import FUNCTIONS, Show, compilations, unkept
from gnntrack.errors import DataWarning
from gnntrack.geometry import xywh_to_xyxy
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.models.recipe import ModelRecipe
from gnntrack.sequence import Sequence, View
from gnntrack.tracking.association_stages import AssociationStages
from gnntrack.tracking.class_votes import ClassVotes
from gnntrack.tracking.detections import detection_array
from gnntrack.tracking.frames import reported, taken_in
from gnntrack.tracking.offline import track_offline

_FRAMES = 12
_VIEW = View(640, 480, 30.0)
_ready: set[_Kind] = set()


class _Kind(NamedTuple):
    """What decides which functions networks need."""

    appearance: bool
    tracklets: bool
    appearance_of_tracklets: bool
    smoothing: bool
    offline: bool

    @classmethod
    def of(cls, networks: CompiledNetworks, offline: bool) -> _Kind:
        shape = networks.settings.tracklets
        return cls(
            networks.settings.appearance,
            shape is not None,
            shape is not None and shape.appearance,
            networks.smoothing is not None,
            offline,
        )


def warm_up(networks: CompiledNetworks, offline: bool = False, show: Show = lambda done, all_: None) -> int:
    """Compiles what these networks need to track, once a process; what the cache holds is only loaded.

    Args:
        networks: of :func:`gnntrack.models.load_for_tracking`.
        offline: for tracking whole videos; otherwise for streams.
        show: called with how many functions are ready, and of how many at most, as it goes on.

    Returns:
        How many functions were compiled.

    Warns:
        DataWarning: the machine code cannot be kept, so every process compiles again.
    """
    kind = _Kind.of(networks, offline)
    if kind in _ready:
        return 0
    _ready.add(kind)
    with compilations(lambda: show(_loaded(), len(FUNCTIONS))) as names:
        (_rehearse_video if offline else _rehearse_stream)(networks)
    show(len(FUNCTIONS), len(FUNCTIONS))
    if names and unkept() is not None:
        problem = f"compiled code cannot be kept: {unkept()} is not writable, so every process compiles again"
        warnings.warn(DataWarning(f"{problem}; set NUMBA_CACHE_DIR to a folder that is"), stacklevel=2)
    return len(names)


def _loaded() -> int:
    """Functions that are ready for some arguments."""
    return sum(bool(function.overloads) for function in FUNCTIONS)


def _boxes(frame: int) -> np.ndarray:
    """Four who cross each other, xywh."""
    left = np.array([100.0, 300.0, 120.0, 280.0]) + frame * np.array([8.0, -8.0, 9.0, -9.0])
    return np.stack([left, [100.0, 105.0, 250.0, 255.0], np.full(4, 40.0), np.full(4, 90.0)], axis=1)


def _rehearse_stream(networks: CompiledNetworks) -> None:
    """A few frames through every stage, and what only some streams need."""
    for embeddings in (None, np.eye(4)) if networks.settings.appearance else (None,):
        stages = AssociationStages(networks, ModelRecipe().tracking).online(_VIEW)
        votes, groups = ClassVotes(_FRAMES), np.zeros(4)
        for frame in range(1, _FRAMES + 1):
            boxes, confidence = _boxes(frame), np.full(4, 0.9)
            found = observations(boxes, confidence, frame, embeddings)
            ids, _ = stages.linker.link(boxes, found, frame, groups if frame % 2 else None)
            rows = np.column_stack([xywh_to_xyxy(boxes), confidence, groups])
            kinds = votes.count(ids, detection_array(rows), frame)
            moved = boxes if stages.smoother is None else stages.smoother.smooth(boxes, frame)
            used, *_ = taken_in(rows, 0.0, float(frame))
            reported(rows, used, ids, kinds, moved, False)
    if stages.corrector is not None:
        stages.corrector.rehearse()


def _rehearse_video(networks: CompiledNetworks) -> None:
    """A short video."""
    frames = range(1, 4 * _FRAMES + 1)
    table = pd.DataFrame(np.concatenate([_boxes(frame - 2 * _FRAMES) for frame in frames]), columns=list("xywh"))
    table["frame"], table["conf"] = np.repeat(frames, 4), 0.9
    vectors = np.tile(np.eye(4), (len(frames), 1)) if networks.settings.appearance else None
    video = Sequence("rehearsal", table, 640, 480, 30.0, embeddings=vectors)
    recipe = ModelRecipe(architecture=networks.settings)
    track_offline(video, networks, recipe)
    track_offline(video, networks, recipe, classes=[[0], [1]])
