"""``gnntrack train-tracklets`` and ``gnntrack train-smoothing``: networks that weights are given afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gnntrack.cli.options import DatasetNames, DatasetRoot, Seed, read_sets

WeightsArgument = Annotated[
    str, typer.Argument(help="Weights of an association network, which `gnntrack train` wrote.")
]
File = Annotated[Path, typer.Option("--output", "-o", help="File to write, .safetensors.")]
TrainingOf = Annotated[
    str | None,
    typer.Option("--model", help="Model recipe whose training settings count, instead of the weights' own."),
]
OverwriteFile = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")]


def train_tracklets(
    weights: WeightsArgument,
    dataset: DatasetNames,
    output: File,
    root: DatasetRoot = None,
    training_of: TrainingOf = None,
    seed: Seed = 0,
    overwrite: OverwriteFile = False,
) -> None:
    """Add a tracklet network to weights: it decides who is who once a crossing is over."""
    from gnntrack.training.tracklet_training import train_tracklet_network

    _add(train_tracklet_network, weights, dataset, output, root, training_of, seed, overwrite)


def train_smoothing(
    weights: WeightsArgument,
    dataset: DatasetNames,
    output: File,
    root: DatasetRoot = None,
    training_of: TrainingOf = None,
    seed: Seed = 0,
    overwrite: OverwriteFile = False,
) -> None:
    """Add a smoothing network to weights: offline, it moves boxes to where objects more probably were."""
    from gnntrack.training.smoothing_training import train_smoothing_network

    _add(train_smoothing_network, weights, dataset, output, root, training_of, seed, overwrite)


def _add(
    train: Any,
    weights: str,
    dataset: list[str],
    output: Path,
    root: Path | None,
    training_of: str | None,
    seed: int,
    overwrite: bool,
) -> None:
    """Reads weights and data sets, trains a part, writes both."""
    from gnntrack import recipes
    from gnntrack.errors import DataError
    from gnntrack.files import check_absent
    from gnntrack.models import AssociationNetwork, ModelRecipe, load_weights, save_weights

    check_absent(output, overwrite)
    model, recipe = load_weights(weights)
    if not isinstance(model, AssociationNetwork):
        raise DataError(
            f"the weights are of a {recipe.architecture.kind} network",
            remedy="give weights of an association network",
            path=Path(weights),
        )
    if training_of is not None:
        recipe = recipe.model_copy(update={"training": recipes.load("models", training_of, ModelRecipe).training})
    training, validation = (read_sets(dataset, root, split) for split in ("training", "validation"))
    model, recipe = train(training, model, recipe, seed, typer.echo, validation)
    save_weights(output, model, recipe)
    typer.echo(f"wrote {output}")
