"""Training windows: cut from labelled sequences, changed, built into graphs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.utils.data import Dataset
from torch_geometric.data import Data

from gnntrack.datasets.labelled import Labelled
from gnntrack.graphs import GraphSettings, graph_from_boxes, window_ranges
from gnntrack.models.augmentation_settings import WindowAugmentationSettings
from gnntrack.sequence import View
from gnntrack.training.augmentation import Boxes, augment


@dataclass(frozen=True)
class _Window:
    source: int
    first: int


class WindowDataset(Dataset[Data]):
    """The windows of labelled sequences as graphs.

    An item is asked for by ``(epoch, position)``, so that every epoch changes it differently, and the same epoch and
    seed always change it in the same way (a resumed run equals an uninterrupted one).

    Args:
        labelled: sequences with the identity of every box.
        settings: how graphs are built.
        augmentation: how windows are changed; None leaves them as they are.
        seed: of the changes.
    """

    def __init__(
        self,
        labelled: list[Labelled],
        settings: GraphSettings,
        augmentation: WindowAugmentationSettings | None = None,
        seed: int = 0,
    ) -> None:
        self.labelled, self.settings, self.augmentation, self.seed = labelled, settings, augmentation, seed
        self._boxes = [
            Boxes(item.sequence.xywh, item.sequence.frames, item.sequence.boxes["conf"].to_numpy(), item.identity)
            for item in labelled
        ]
        self._windows = [
            _Window(source, first)
            for source, item in enumerate(labelled)
            for first, _ in window_ranges(item.sequence.frames, settings)
        ]

    def __len__(self) -> int:
        """Number of windows."""
        return len(self._windows)

    def __getitem__(self, item: tuple[int, int]) -> Data:
        """The graph of window ``item[1]`` as changed for epoch ``item[0]``."""
        epoch, position = item
        window = self._windows[position]
        rng = np.random.default_rng([self.seed, epoch, position])
        step = 1 if self.augmentation is None else int(rng.integers(1, self.augmentation.skip + 1))
        sequence = self.labelled[window.source].sequence
        boxes = self._cut(window, step)
        if self.augmentation is not None:
            boxes = augment(boxes, sequence.width, self.augmentation, rng)
        return graph_from_boxes(
            boxes.box,
            boxes.frame,
            boxes.conf,
            self.settings,
            name=sequence.name,
            view=View(sequence.width, sequence.height, sequence.frame_rate / step),
            identity=boxes.identity,
        )

    def _cut(self, window: _Window, step: int) -> Boxes:
        """The boxes of every ``step``-th frame from the window's first; frames are renumbered to be neighbours."""
        whole = self._boxes[window.source]
        low, high = np.searchsorted(whole.frame, [window.first, window.first + step * self.settings.window])
        rows = np.arange(low, high)
        boxes = whole.take(rows[(whole.frame[rows] - window.first) % step == 0])
        return replace(boxes, frame=window.first + (boxes.frame - window.first) // step)


def epoch_order(size: int, seed: int, epoch: int) -> np.ndarray:
    """The order ``(size,)`` in which an epoch goes through the windows; it depends on seed and epoch alone."""
    generator = torch.Generator().manual_seed(seed * 100_003 + epoch)
    order: np.ndarray = torch.randperm(size, generator=generator).numpy()
    return order
