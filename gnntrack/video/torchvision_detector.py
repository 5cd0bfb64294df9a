"""Detectors of torchvision; the only module of this folder that imports torch, and only when one is made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.packages import needed_package
from gnntrack.showing import shown


class TorchvisionDetector:
    """A model of ``torchvision.models.detection``.

    Args:
        name: of the model, such as ``fasterrcnn_resnet50_fpn_v2``.
        weights: a file of its ``state_dict``, loaded with ``weights_only``; None: torchvision's own, which it downloads
            on first use.
        confidence: lowest confidence of its boxes.

    Raises:
        DataError: torchvision is not installed, there is no such model, or the weights do not fit.
    """

    def __init__(self, name: str, weights: str | Path | None, confidence: float) -> None:
        with needed_package(f"the detector torchvision:{name}"):
            import torch
            from torchvision import models
        known = models.list_models(module=models.detection)
        if name not in known:
            raise DataError(f"torchvision has no detector {shown(name)}", remedy=f"known: {', '.join(sorted(known))}")
        self.names: Mapping[int, str] = {}
        if weights is None:
            chosen = models.get_model_weights(name).DEFAULT
            self.names = dict(enumerate(chosen.meta.get("categories", ())))
            try:
                model = models.get_model(name, weights=chosen)
            except (OSError, RuntimeError) as error:
                problem = f"torchvision cannot get the weights of {name}: {shown(str(error))}"
                raise DataError(problem, remedy="pass --detector-weights with a file of its state_dict") from None
        else:
            model = _with_weights(models, name, Path(weights))
        self._torch = torch
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model = model.to(self._device).eval()
        self._confidence = confidence

    def __call__(self, image: np.ndarray, frame: int) -> dict[str, Any]:
        """``boxes``, ``scores`` and ``labels`` of an image."""
        torch = self._torch
        tensor = torch.from_numpy(np.ascontiguousarray(image)).to(self._device).permute(2, 0, 1).float() / 255
        with torch.inference_mode():
            found = self._model([tensor])[0]
        kept = found["scores"] >= self._confidence
        return {key: found[key][kept] for key in ("boxes", "scores", "labels")}


def _with_weights(models: Any, name: str, path: Path) -> Any:
    """The model with the weights of a file, for as many classes as these are for.

    Raises:
        DataError: they are no tensors, or do not fit.
    """
    from gnntrack.loaders.state_dicts import read_state_dict

    state = read_state_dict(path)
    heads = [tensor for key, tensor in state.items() if key.endswith("box_predictor.cls_score.weight")]
    classes = {"num_classes": len(heads[0])} if heads else {}
    model = models.get_model(name, weights=None, weights_backbone=None, **classes)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).split("\n")[1].strip() if "\n" in str(error) else str(error)
        remedy = f"give a state_dict of {name}"
        raise DataError(f"weights that do not fit: {shown(reason)}", remedy=remedy, path=path) from None
    return model
