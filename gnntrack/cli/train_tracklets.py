"""``gnntrack train-tracklets``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import DatasetNames, DatasetRoot, Seed, read_sets


def train_tracklets(
    weights: Annotated[str, typer.Argument(help="Weights of an association network, which `gnntrack train` wrote.")],
    dataset: DatasetNames,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write, .safetensors.")],
    root: DatasetRoot = None,
    training_of: Annotated[
        str | None,
        typer.Option("--model", help="Model recipe whose training settings count, instead of the weights' own."),
    ] = None,
    seed: Seed = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Add a tracklet network to weights: offline, it decides who is who once a crossing is over."""
    from gnntrack import recipes
    from gnntrack.errors import DataError
    from gnntrack.files import check_absent
    from gnntrack.models import AssociationNetwork, ModelRecipe, load_weights, save_weights
    from gnntrack.training.tracklet_training import train_tracklet_network

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
    model, recipe = train_tracklet_network(training, model, recipe, seed, typer.echo, validation)
    save_weights(output, model, recipe)
    typer.echo(f"wrote {output}")
