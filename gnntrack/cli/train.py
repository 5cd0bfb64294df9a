"""``gnntrack train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import Output, Overwrite, Seed


def train(
    dataset: Annotated[list[str], typer.Option(help="Data set recipe: a name or a YAML file; several may be given.")],
    output: Output,
    model: Annotated[str, typer.Option(help="Model recipe: a name or a YAML file.")] = "mpn",
    loss: Annotated[str, typer.Option(help="Loss recipe: a name or a YAML file.")] = "unitrack",
    root: Annotated[
        Path | None,
        typer.Option(
            help="Where the data set lies, instead of its root; of several: what their roots are relative to."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the windows, instead of the recipe's.", min=1)] = None,
    seed: Seed = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Train a graph neural network to link boxes; writes weights, log and curves."""
    from gnntrack import recipes
    from gnntrack.datasets.recipe import DatasetRecipe, read_labelled
    from gnntrack.inspection.plots import plot_training
    from gnntrack.losses import build_loss
    from gnntrack.models import ModelRecipe
    from gnntrack.training import CURVES, METRICS, WEIGHTS, RunOptions
    from gnntrack.training import train as run

    sets = [recipes.load("datasets", name, DatasetRecipe) for name in dataset]
    if root is not None:
        places = [root] if len(sets) == 1 else [root / data.root for data in sets]
        sets = [data.model_copy(update={"root": str(place)}) for data, place in zip(sets, places, strict=True)]
    recipe = recipes.load("models", model, ModelRecipe)
    options = RunOptions(seed=seed, epochs=epochs, resume=resume, overwrite=overwrite)
    training = [item for data in sets for item in read_labelled(data, "training")]
    validation = [item for data in sets for item in read_labelled(data, "validation")]
    run(training, recipe, build_loss(loss), output, options, validation)
    plot_training(output / METRICS, output / CURVES)
    typer.echo(f"wrote {output / WEIGHTS}, {METRICS}, {CURVES}")
