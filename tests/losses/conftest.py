"""Window graphs for the tests of the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode
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


class Made(TorchFunctionMode):
    """Tensors are made on a device where nothing else is said; what a generator of the CPU draws is moved there."""

    MAKERS = frozenset(
        [torch.tensor, torch.as_tensor, torch.from_numpy, torch.zeros, torch.ones, torch.full, torch.empty, torch.eye]
        + [torch.arange, torch.linspace, torch.rand, torch.randn, torch.randint, torch.randperm]
    )

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if function not in self.MAKERS or kwargs.get("device") is not None:
            return function(*args, **kwargs)
        made = function(*args, **kwargs | {"device": "cpu"} if function is not torch.from_numpy else kwargs)
        wanted = made.requires_grad
        return made.detach().to(self.device).requires_grad_(wanted)


@pytest.fixture(autouse=True)
def made_there(request: pytest.FixtureRequest) -> Iterator[None]:
    """With ``--device``, tensors of a test are made there."""
    device = torch.device(request.config.getoption("--device"))
    if device.type == "cpu":
        yield
        return
    with Made(device):
        yield
