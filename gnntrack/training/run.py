"""One training run: labelled sequences, a model recipe and a loss in; a folder with weights and log out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from lightning.fabric import seed_everything
from torch import nn

from gnntrack import __version__
from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.files import atomic_path, write_text
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    MessagePassing,
    Model,
    ModelRecipe,
    TrainingSettings,
    build_model,
    load_weights,
    save_weights,
    set_learning,
    with_appearance,
)
from gnntrack.outputs import check_claim, claimed_folder, vouch
from gnntrack.training.clips import FEWEST_BOXES, ClipSource
from gnntrack.training.description import describe
from gnntrack.training.loop import LoopSettings, fit
from gnntrack.training.report import Report, StderrReport
from gnntrack.training.rollout_training import RolloutTraining
from gnntrack.training.run_state import CHECKPOINT, INTERVAL, RunState
from gnntrack.training.stage import Stage
from gnntrack.training.window_training import WindowTraining
from gnntrack.training.windows import WindowDataset

WEIGHTS, METRICS, DESCRIPTION = "weights.safetensors", "metrics.csv", "run.json"
_FILES = (WEIGHTS, METRICS, CHECKPOINT, DESCRIPTION)


@dataclass(frozen=True)
class RunOptions:
    """What a user chooses for one run.

    Attributes:
        seed: of initialisation, order and augmentation.
        epochs: instead of the recipe's.
        resume: go on from ``last.safetensors`` in the run folder.
        overwrite: replace an earlier run in the folder.
        progress: tell on stderr how it goes: a line an epoch, on a terminal also a bar.
        start: weights to begin from, a shipped name or a file, instead of random ones. They bring all of their recipe
            but its training settings. A tracklet network that they hold stays as it is.
        checkpoint_every: seconds between checkpoints; one is written at the end of every epoch that is validated, and
            at SIGINT and SIGTERM, too.
    """

    seed: int = 0
    epochs: int | None = None
    resume: bool = False
    overwrite: bool = False
    progress: bool = True
    start: str | Path | None = None
    checkpoint_every: float = INTERVAL


def train(
    training: list[Labelled],
    recipe: ModelRecipe,
    loss: nn.Module,
    out: str | Path,
    options: RunOptions = RunOptions(),
    validation: list[Labelled] | None = None,
) -> Model:
    """Trains a model and writes the run folder: weights, checkpoint, metrics and what was run.

    Args:
        training: labelled sequences.
        recipe: architecture, graph and training settings.
        loss: as :func:`gnntrack.losses.build_loss` makes it.
        out: the run folder.
        options: seed, epochs, resume.
        validation: labelled sequences, never learned from: their loss is logged; an association network tracks them,
            and the weights of the epoch with the best HOTA are the result.

    Returns:
        The trained model, ready to score.

    Raises:
        DataError: nothing to train on, the folder holds an earlier run, or the loss became NaN.
        Interrupted: SIGINT or SIGTERM asked to stop; with ``resume`` the run goes on where it was.
    """
    out = Path(out)
    stopped = (out / CHECKPOINT).is_file() and not (out / WEIGHTS).is_file()
    if options.resume and not (out / CHECKPOINT).is_file():
        raise DataError("no checkpoint to resume from", remedy="start without --resume", path=out / CHECKPOINT)
    check_claim(out, overwrite=options.overwrite or stopped, resume=options.resume)
    start = None
    alone = recipe.training.learn == "appearance"
    if options.start is not None:
        start, begun = load_weights(options.start)
        if alone and isinstance(start, AssociationNetwork) and not start.settings.appearance:
            start, begun = with_appearance(start, begun)
        recipe = begun.model_copy(update={"training": recipe.training})
    settings = (
        recipe.training if options.epochs is None else recipe.training.model_copy(update={"epochs": options.epochs})
    )
    if not any(len(item.sequence) for item in training):
        raise DataError("no box to train on", remedy="give sequences with at least one box")
    architecture = recipe.architecture
    if isinstance(architecture, AssociationNetworkSettings) and start is None:
        for part, value in (("tracklets", architecture.tracklets), ("smoothing", architecture.smoothing)):
            if value is not None:
                remedy = f"leave out architecture: {part}, and train it afterwards with gnntrack train-{part}"
                raise DataError(f"the network for {part} is not trained by this", remedy=remedy)
    if alone and not isinstance(start, AssociationNetwork):
        raise DataError(
            "training: learn: appearance needs an association network", remedy="begin from its weights, with --start"
        )
    seed_everything(options.seed, verbose=False)
    model = build_model(recipe) if start is None else start.train()
    blind = recipe.training.learn == "boxes"
    visible = not blind and any(item.sequence.embeddings is not None for item in training)
    if isinstance(model, AssociationNetwork) and model.settings.appearance:
        if blind and start is None:
            remedy = "set architecture: appearance: false, or learn: all"
            raise DataError("training: learn: boxes teaches nothing about embeddings", remedy=remedy)
        if not visible and (start is None or alone):
            remedy = "put them beside the boxes (det.npy, gt.npy), or set appearance: false"
            raise DataError("no sequence has embeddings", remedy=remedy)
        set_learning(model, appearance=visible, rest=not alone)
    prepare = _rollouts if isinstance(model, AssociationNetwork) else _windows
    stage = prepare(model, loss, settings, recipe, training, validation or [], options.seed)
    told = _description(recipe, options, training, validation or [])
    held_against = told | describe(model, loss, [training, validation or []])
    state = RunState(out, held_against, options.resume, options.overwrite, options.checkpoint_every)
    loop = LoopSettings(
        settings.epochs * stage.steps,
        settings.learning_rate,
        settings.weight_decay,
        settings.gradient_clip,
        settings.rollout.patience if isinstance(model, AssociationNetwork) else 0,
        options.seed,
    )
    claim = claimed_folder(out, "train", _FILES, overwrite=options.overwrite, resume=options.resume)
    with claim, state, StderrReport() if options.progress else Report() as report:
        write_text(out / DESCRIPTION, json.dumps(told, indent=2) + "\n")
        fit(stage, loop, state, report, log=lambda rows: _write_log(out / METRICS, rows))
    result = stage.result()
    assert isinstance(result, (AssociationNetwork, MessagePassing))
    # of weights that learned to look at embeddings all else stays, so how they learned does too
    kept = recipe if start is None or not alone else recipe.model_copy(update={"training": begun.training})
    save_weights(out / WEIGHTS, result, kept)
    vouch(out, _FILES)
    return result.eval()


def _windows(
    model: Model,
    loss: nn.Module,
    settings: TrainingSettings,
    recipe: ModelRecipe,
    training: list[Labelled],
    validation: list[Labelled],
    seed: int,
) -> Stage:
    """A network of window graphs learns from them."""
    windows = WindowDataset(training, recipe.graph, settings.augmentation, seed)
    return WindowTraining(model, loss, windows, WindowDataset(validation, recipe.graph), settings.batch_size, seed)


def _rollouts(
    model: Model,
    loss: nn.Module,
    settings: TrainingSettings,
    recipe: ModelRecipe,
    training: list[Labelled],
    validation: list[Labelled],
    seed: int,
) -> Stage:
    """An association network learns by tracking."""
    assert isinstance(model, AssociationNetwork)
    rollout = settings.rollout
    source = ClipSource(
        training,
        settings.augmentation,
        rollout.length,
        rollout.reverse,
        recipe.tracking.links.minimum_confidence,
        model.settings.appearance and settings.learn != "boxes",
    )
    if not len(source):
        raise DataError("no sequence is long enough to train on", remedy=f"at least {FEWEST_BOXES} boxes are needed")
    return RolloutTraining(model, loss, settings, source, seed, validation, recipe)


def _write_log(path: Path, rows: list[dict[str, Any]]) -> None:
    """``epoch, step, train/<part>, validation/<part>``, a row an epoch; whole at any moment."""
    with atomic_path(path) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


def _description(
    recipe: ModelRecipe, options: RunOptions, training: list[Labelled], validation: list[Labelled]
) -> dict[str, Any]:
    """What was run, so that a result can be made again."""
    return {
        "gnntrack": __version__,
        "torch": torch.__version__,
        "seed": options.seed,
        "start": None if options.start is None else str(options.start),
        "epochs": options.epochs or recipe.training.epochs,
        "training": [{"sequence": item.sequence.name, "boxes": len(item.sequence)} for item in training],
        "validation": [{"sequence": item.sequence.name, "boxes": len(item.sequence)} for item in validation],
        "model": recipe.model_dump(mode="json"),
    }
