"""The small trackers of benchmarks/families: each learns by the public interface, and tracks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

FOLDER = Path(__file__).parents[2] / "benchmarks" / "families"
MODULES = [path.stem for path in FOLDER.glob("*.py")]
FAMILIES = ["embedding", "joint", "queries", "attention", "messages"]


@pytest.fixture(scope="module")
def learning() -> Iterator[ModuleType]:
    """The folder's modules, gone again afterwards: they have plain names."""
    sys.path.insert(0, str(FOLDER))
    try:
        import learning

        yield learning
    finally:
        sys.path.remove(str(FOLDER))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def video(learning: ModuleType) -> Any:
    import videos

    settings = videos.SceneSettings(frames=8, **videos.SYNTHETIC | {"objects": 4})
    return videos.video(videos.make_scene(settings, "scene"), 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_moves_the_network_and_it_tracks(learning: ModuleType, video: Any, family: str) -> None:
    """What UniTrack adds changes what the network learns, and tracks are identities that stand once a frame."""
    kind = learning.FAMILIES[family]
    plain, added = (learning.learn(kind, [[video]], arm, 0, steps=2) for arm in ("plain", "log"))
    moved = [not torch.equal(a, b) for a, b in zip(plain.parameters(), added.parameters(), strict=True)]
    assert any(moved)
    with torch.no_grad():
        track = added.track(added.prepared(video), 0.1)
    assert track.shape == video.frame.shape
    known = track >= 0
    assert known.any()
    assert len(np.unique(np.stack([video.frame, track])[:, known], axis=1).T) == known.sum()
