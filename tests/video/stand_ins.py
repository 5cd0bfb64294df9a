"""Modules with the interfaces of torchvision and Ultralytics, whose detectors find what the small video shows."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import torch

from tests.video.moving import found_in

CATEGORIES = ["__background__", "red", "blue"]


class FindsColours(torch.nn.Module):
    """A network with the interface of torchvision's detectors: a list of images in [0, 1], a list of mappings out."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.roi_heads = torch.nn.Module()
        self.roi_heads.box_predictor = torch.nn.Module()
        self.roi_heads.box_predictor.cls_score = torch.nn.Linear(4, classes)

    def forward(self, batch):
        assert not self.training and all(image.dtype == torch.float32 and image.max() <= 1 for image in batch)
        results = []
        for image in batch:
            found = torch.tensor(found_in((image * 255).round().permute(1, 2, 0).numpy())).reshape(-1, 6)
            faint = torch.tensor([[0.0, 0, 9, 9, 0.01, 1]])
            rows = torch.cat([found, faint])
            results.append({"boxes": rows[:, :4], "scores": rows[:, 4], "labels": rows[:, 5].long()})
        return results


def torchvision_module(*names: str) -> ModuleType:
    """The parts of torchvision that are used, with models of these names; ``made`` lists those that were made."""
    module: Any = ModuleType("torchvision")
    models: Any = ModuleType("torchvision.models")
    module.models, module.made = models, []
    module.chosen = SimpleNamespace(meta={"categories": CATEGORIES})

    def get_model(name, weights=None, weights_backbone=None, num_classes=91):
        module.made.append((name, weights, num_classes))
        return FindsColours(num_classes)

    models.detection = ModuleType("torchvision.models.detection")
    models.list_models = lambda module: list(names)
    models.get_model_weights = lambda name: SimpleNamespace(DEFAULT=module.chosen)
    models.get_model = get_model
    return module


class YOLO:
    """Ultralytics' door: images come blue first."""

    names: ClassVar[dict[int, str]] = dict(enumerate(CATEGORIES))

    def __init__(self, weights: str) -> None:
        if weights == "nowhere.pt":
            raise FileNotFoundError(weights)

    def predict(self, image: np.ndarray, conf: float, verbose: bool) -> list[SimpleNamespace]:
        assert image.flags["C_CONTIGUOUS"] and conf == 0.1 and not verbose
        found = torch.tensor(found_in(np.flip(image, axis=2)))
        return [SimpleNamespace(boxes=SimpleNamespace(data=found), names=self.names)]


def ultralytics_module() -> ModuleType:
    """A module with ``YOLO``."""
    module: Any = ModuleType("ultralytics")
    module.YOLO = YOLO
    return module
