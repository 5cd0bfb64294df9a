"""``gnntrack train``."""

from __future__ import annotations

from typing import Annotated

import typer

from gnntrack.cli.options import CheckpointEvery, DatasetNames, DatasetRoot, Output, Overwrite, Resume, Seed, read_sets
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.stopping import tells_how_to_resume


def train(
    dataset: DatasetNames,
    output: Output,
    model: Annotated[
        str | None, typer.Option(help="Model recipe: a name or a YAML file.", show_default="mpn, or that of --start")
    ] = None,
    loss: Annotated[str, typer.Option(help="Loss recipe: a name or a YAML file.")] = "unitrack",
    root: DatasetRoot = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the windows, instead of the recipe's.", min=1)] = None,
    seed: Seed = 0,
    start: Annotated[
        str | None,
        typer.Option(help="Begin from these weights, a name or a file; of the model recipe, training alone counts."),
    ] = None,
    resume: Resume = False,
    checkpoint_every: CheckpointEvery = 120.0,
    overwrite: Overwrite = False,
) -> None:
    """Train a graph neural network to link boxes; writes weights, log and curves."""
    from gnntrack import recipes
    from gnntrack.inspection.plots import plot_training
    from gnntrack.losses import build_loss
    from gnntrack.models import ModelRecipe, load_weights
    from gnntrack.outputs import claim_more, vouch
    from gnntrack.training import CURVES, METRICS, WEIGHTS, RunOptions
    from gnntrack.training import train as run

    if model is None and start is not None:
        recipe = load_weights(start)[1]
    else:
        recipe = recipes.load("models", model or "mpn", ModelRecipe)
    options = RunOptions(seed, epochs, resume, overwrite, start=start, checkpoint_every=checkpoint_every)
    training, validation = (read_sets(dataset, root, split) for split in ("training", "validation"))
    if start is not None:
        say_weights(start)
    with tells_how_to_resume():
        run(training, recipe, build_loss(loss), output, options, validation)
    claim_more(output, [CURVES])
    plot_training(output / METRICS, output / CURVES)
    vouch(output, [WEIGHTS, METRICS, CURVES])
    say(f"wrote {output / WEIGHTS}, {METRICS}, {CURVES}")
