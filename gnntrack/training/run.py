"""One training run: labelled sequences, a model recipe and a loss in; a folder with weights and log out."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as lightning
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, RichProgressBar
from torch import nn
from torch_geometric.loader import DataLoader

from gnntrack import __version__
from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.files import check_absent, write_text
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    Model,
    ModelRecipe,
    TrainingSettings,
    build_model,
    load_weights,
    save_weights,
    set_learning,
    with_appearance,
)
from gnntrack.training.checkpoint import SafetensorsCheckpoints
from gnntrack.training.clips import FEWEST_BOXES, ClipSource
from gnntrack.training.metrics import MetricsFile
from gnntrack.training.module import AssociationTraining
from gnntrack.training.rollout_module import RolloutTraining, Steps
from gnntrack.training.validation import SCORE, TrackingValidation
from gnntrack.training.windows import EpochSampler, WindowDataset

WEIGHTS, METRICS, CHECKPOINT = "weights.safetensors", "metrics.csv", "last.safetensors"


@dataclass(frozen=True)
class RunOptions:
    """What a user chooses for one run.

    Attributes:
        seed: of initialisation, order and augmentation.
        epochs: instead of the recipe's.
        resume: go on from ``last.safetensors`` in the run folder.
        overwrite: replace an earlier run in the folder.
        progress: show the progress bar on stderr.
        start: weights to begin from, a shipped name or a file, instead of random ones. They bring all of their recipe
            but its training settings. A tracklet network that they hold stays as it is.
    """

    seed: int = 0
    epochs: int | None = None
    resume: bool = False
    overwrite: bool = False
    progress: bool = True
    start: str | Path | None = None


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
    """
    out = Path(out)
    checkpoint = out / CHECKPOINT
    if options.resume and not checkpoint.is_file():
        raise DataError("no checkpoint to resume from", remedy="start without --resume", path=checkpoint)
    if not options.resume:
        check_absent(out, options.overwrite)
        checkpoint.unlink(missing_ok=True)
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
    lightning.seed_everything(options.seed, workers=False, verbose=False)
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
    parts = prepare(model, loss, settings, recipe, training, validation or [], options.seed)
    out.mkdir(parents=True, exist_ok=True)
    _write_description(out, recipe, options, training, validation or [])
    with _quiet():
        trainer = _trainer(out, settings, options.progress, parts.callbacks)
        checkpoint_path = str(checkpoint) if options.resume else None
        trainer.fit(parts.module, parts.training, parts.validation, ckpt_path=checkpoint_path)
    result = parts.result()
    # of weights that learned to look at embeddings all else stays, so how they learned does too
    kept = recipe if start is None or not alone else recipe.model_copy(update={"training": begun.training})
    save_weights(out / WEIGHTS, result, kept)
    return result.eval()


@dataclass(frozen=True)
class _Parts:
    """What one kind of training needs: the module, what it learns from, and which model is the result."""

    module: lightning.LightningModule
    training: torch.utils.data.DataLoader[Any]
    validation: torch.utils.data.DataLoader[Any] | None
    callbacks: list[lightning.Callback]
    result: Callable[[], Model]


def _windows(
    model: Model,
    loss: nn.Module,
    settings: TrainingSettings,
    recipe: ModelRecipe,
    training: list[Labelled],
    validation: list[Labelled],
    seed: int,
) -> _Parts:
    """An encoder learns from window graphs."""
    dataset = WindowDataset(training, recipe.graph, settings.augmentation, seed)
    held = WindowDataset(validation, recipe.graph)
    loader = (
        DataLoader(held, settings.batch_size, sampler=EpochSampler(len(held), shuffle=False)) if len(held) else None
    )
    return _Parts(
        AssociationTraining(model, loss, settings),
        DataLoader(dataset, settings.batch_size, sampler=EpochSampler(len(dataset), seed)),
        loader,
        [],
        lambda: model,
    )


def _rollouts(
    model: Model,
    loss: nn.Module,
    settings: TrainingSettings,
    recipe: ModelRecipe,
    training: list[Labelled],
    validation: list[Labelled],
    seed: int,
) -> _Parts:
    """An association network learns by tracking."""
    assert isinstance(model, AssociationNetwork)
    rollout = settings.rollout
    source = ClipSource(
        training,
        settings.augmentation,
        rollout.length,
        rollout.reverse,
        recipe.association.minimum_confidence,
        model.settings.appearance and settings.learn != "boxes",
    )
    if not len(source):
        raise DataError("no sequence is long enough to train on", remedy=f"at least {FEWEST_BOXES} boxes are needed")
    module = RolloutTraining(model, loss, settings, source, seed)
    callbacks: list[lightning.Callback] = []
    if validation:
        callbacks.append(TrackingValidation(validation, recipe))
        if rollout.patience:
            callbacks.append(EarlyStopping(SCORE, mode="max", patience=rollout.patience, check_on_train_epoch_end=True))
    return _Parts(
        module, torch.utils.data.DataLoader(Steps(rollout.steps), batch_size=None), None, callbacks, module.best
    )


def _trainer(
    out: Path, settings: TrainingSettings, progress: bool, extra: list[lightning.Callback]
) -> lightning.Trainer:
    checkpoints = ModelCheckpoint(
        out, filename=Path(CHECKPOINT).stem, save_on_train_epoch_end=True, enable_version_counter=False
    )
    checkpoints.FILE_EXTENSION = Path(CHECKPOINT).suffix
    callbacks: list[lightning.Callback] = [*extra, checkpoints, MetricsFile(out / METRICS)]
    if progress:
        callbacks.append(RichProgressBar(leave=False, console_kwargs={"stderr": True}))
    return lightning.Trainer(
        default_root_dir=out,
        max_epochs=settings.epochs,
        gradient_clip_val=settings.gradient_clip,
        callbacks=callbacks,
        plugins=[SafetensorsCheckpoints()],
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        deterministic=True,
    )


def _write_description(
    out: Path, recipe: ModelRecipe, options: RunOptions, training: list[Labelled], validation: list[Labelled]
) -> None:
    """What was run, so that a result can be made again."""
    description = {
        "gnntrack": __version__,
        "torch": torch.__version__,
        "seed": options.seed,
        "start": None if options.start is None else str(options.start),
        "epochs": options.epochs or recipe.training.epochs,
        "training": [{"sequence": item.sequence.name, "boxes": len(item.sequence)} for item in training],
        "validation": [{"sequence": item.sequence.name, "boxes": len(item.sequence)} for item in validation],
        "model": recipe.model_dump(mode="json"),
    }
    write_text(out / "run.json", json.dumps(description, indent=2) + "\n")


class _quiet(warnings.catch_warnings):  # noqa: N801  (a context manager, used like a function)
    """Silences Lightning's hints: they speak of its own parts, not of the user's data."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
