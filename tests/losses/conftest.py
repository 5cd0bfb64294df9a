"""Window graphs for the tests of the loss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch_geometric.data import Data

from gnntrack.losses.plug_in.clips import clip_graph

Scene = Callable[..., Data]


def make_scene(
    seed: int = 0,
    objects: int = 5,
    frames: int = 4,
    *,
    neighbours: int = 3,
    max_gap: int = 2,
    missed: float = 0.15,
    false_positives: int = 1,
) -> Data:
    """One window, float64: wandering objects, some detections missed, some false.

    ::

        frame  1     2     3     4
        A      o --> o --> o --> o
        B      o --------> o --> o      B is missed in frame 2: its true link skips a frame
        false        x
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (1, frames, objects, 2)
    start = 300 * torch.rand(1, 1, objects, 2, generator=generator, dtype=torch.float64)
    speed = 8 * torch.randn(1, 1, objects, 2, generator=generator, dtype=torch.float64)
    noise = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
    place = start + speed * torch.arange(frames)[None, :, None, None] + noise
    height = 40 + 20 * torch.rand(1, frames, objects, 1, generator=generator, dtype=torch.float64)
    identity = torch.arange(objects).expand(1, frames, objects).clone()
    if false_positives:
        identity[:, :, -false_positives:] = -1
    keep = torch.rand(1, frames, objects, generator=generator) >= missed
    time = torch.arange(frames, dtype=torch.float64) / 25
    boxes = torch.cat([place, 0.4 * height, height], -1)
    graph = clip_graph(boxes, time, identity, keep, neighbours=neighbours, max_gap=max_gap).data
    kept = {key: value for key, value in graph.to_dict().items() if key not in ("batch", "num_graphs")}
    return Data(**kept, width=640, height=480, name=f"scene-{seed}")


@pytest.fixture(scope="session")
def scene() -> Scene:
    """Makes a window graph: ``scene(seed, objects=…, frames=…)``."""
    return make_scene
