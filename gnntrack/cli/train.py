"""``gnntrack train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.changes import Changes, changes
from gnntrack.cli.options import CheckpointEvery, DatasetRoot, Loggers, Output, Overwrite, Resume, Seed
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.stopping import tells_how_to_resume


def train(
    output: Output,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="Recipe of models/ or training/: a name or a YAML file. It says what is trained, in which stages.",
            show_default="mpn, or that of --start",
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="Data set recipe instead of the recipe's: a name or a YAML file; several may be given."),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(help="Loss recipe instead of the recipe's: a name or a YAML file.")
    ] = None,
    root: DatasetRoot = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs of stages that have some.", min=1)] = None,
    changed: Changes = None,
    seed: Seed = 0,
    start: Annotated[
        str | None,
        typer.Option(help="Begin from these weights, a name or a file; of a model's recipe, its stages alone count."),
    ] = None,
    resume: Resume = False,
    checkpoint_every: CheckpointEvery = 120.0,
    logger: Loggers = None,
    accelerator: Annotated[
        str, typer.Option(help="Where networks are trained, as Lightning calls it: cpu, cuda, mps, auto, …")
    ] = "cpu",
    devices: Annotated[
        str, typer.Option(help="Which of them, if not the first: 1, (with a comma) is the second.")
    ] = "1",
    overwrite: Overwrite = False,
) -> None:
    """Train the networks of a model, stage by stage; writes weights, and a log and curves for every stage."""
    from gnntrack import recipes
    from gnntrack.models import TrainingRecipe, load_weights
    from gnntrack.training import RunOptions, train_stages
    from gnntrack.training.reading import DataReader, load_recipe, stage_data

    wanted: TrainingRecipe
    folder: Path | None = None
    if recipe is None and start is not None:
        wanted = load_weights(start)[1]
    else:
        wanted, folder = load_recipe(recipe or "mpn")
    if changed:
        wanted = recipes.changed(wanted, changes(changed))
    options = RunOptions(
        seed=seed,
        epochs=epochs,
        resume=resume,
        overwrite=overwrite,
        start=start,
        checkpoint_every=checkpoint_every,
        accelerator=accelerator,
        devices=devices,
        loggers=tuple(logger or ()),
    )
    data = stage_data(wanted, folder, DataReader(root), dataset or (), loss)
    if start is not None:
        say_weights(start)
    with tells_how_to_resume():
        train_stages(data, wanted, output, options)
    draw_curves(output, [stage.title for stage in wanted.stages])


def draw_curves(output: Path, stages: list[str]) -> None:
    """Draws the curves of every stage, and says what a run has written."""
    from gnntrack.inspection.plots import plot_training
    from gnntrack.outputs import claim_more, vouch
    from gnntrack.training import CURVES, METRICS, WEIGHTS

    curves = [f"{stage}/{CURVES}" for stage in stages]
    claim_more(output, curves)
    for stage in stages:
        plot_training(output / stage / METRICS, output / stage / CURVES)
    vouch(output, [WEIGHTS, *curves])
    say(f"wrote {output / WEIGHTS}; {METRICS} and {CURVES} in {', '.join(f'{stage}/' for stage in stages)}")
