"""What a run was, and what a checkpoint is held against: it goes on only with its network, its losses and its data."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import torch
from torch import nn

from gnntrack import __version__
from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.models import Model, ModelRecipe
from gnntrack.training.device import PRECISIONS
from gnntrack.training.job import StageData
from gnntrack.training.options import RunOptions
from gnntrack.training.ranks import Ranks


def described(recipe: ModelRecipe, options: RunOptions, data: list[StageData]) -> dict[str, Any]:
    """What was run, so that a result can be made again."""
    named = list(zip((stage.title for stage in recipe.stages), data, strict=True))
    return {
        "gnntrack": __version__,
        "torch": torch.__version__,
        "seed": options.seed,
        "start": None if options.start is None else str(options.start),
        "epochs": options.epochs,
        "accelerator": options.accelerator,
        "devices": options.devices,
        "nodes": options.nodes,
        "strategy": options.strategy,
        "precision": PRECISIONS[options.precision],
        "training": {name: _boxes(item.training) for name, item in named},
        "validation": {name: _boxes(item.validation) for name, item in named},
        "model": recipe.model_dump(mode="json"),
    }


def _boxes(labelled: list[Labelled]) -> list[dict[str, Any]]:
    return [{"sequence": item.sequence.name, "boxes": len(item.sequence)} for item in labelled]


def digests(model: Model, recipe: ModelRecipe, data: list[StageData]) -> dict[str, Any]:
    """Digests by name: the weights at the start; of every stage the boxes and identities, and the loss it is given."""
    names = [stage.title for stage in recipe.stages]
    losses = {name: _settings(item.loss) for name, item in zip(names, data, strict=True) if item.loss is not None}
    made: dict[tuple[int, int], str] = {}  # stages often share their data
    for item in data:
        made[_shared(item)] = made.get(_shared(item)) or _data_digest(item)
    weights = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        weights.update(name.encode() + tensor.detach().cpu().numpy().tobytes())
    return {
        "initial weights": weights.hexdigest(),
        "data": {name: made[_shared(item)] for name, item in zip(names, data, strict=True)},
        "loss": losses,
    }


def check_same(compared: dict[str, Any], ranks: Ranks) -> None:
    """Whether all processes begin with the same version, recipe, options, data and weights.

    Raises:
        DataError: one does not.
        SystemExit: likewise, in a process that is not to say so.
    """
    mine = {
        key: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest() for key, value in compared.items()
    }
    first = ranks.from_main(mine)

    def check() -> None:
        other = [key for key in mine if mine[key] != first[key]]
        if other:
            problem = f"other machines have another {other[0]}"
            raise DataError(problem, remedy="give all of them the same version, data and options")

    ranks.together(check)


def _shared(data: StageData) -> tuple[int, int]:
    return id(data.training), id(data.validation)


def _data_digest(data: StageData) -> str:
    boxes = hashlib.sha256()
    for labelled in (data.training, data.validation):
        boxes.update(b"split")
        for item in labelled:
            seen = item.sequence
            for array in (seen.frames, seen.xywh, item.identity, seen.embeddings, seen.camera):
                boxes.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return boxes.hexdigest()


def _settings(loss: nn.Module) -> list[list[Any]]:
    """Class and plain attributes of every part of a loss."""
    return [
        [
            type(part).__name__,
            *sorted([key, repr(value)] for key, value in vars(part).items() if _is_setting(key, value)),
        ]
        for part in loss.modules()
    ]


def _is_setting(name: str, value: Any) -> bool:
    return not name.startswith("_") and name != "training" and isinstance(value, (bool, int, float, str))
