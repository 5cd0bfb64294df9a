"""``gnntrack train-tracklets`` and ``gnntrack train-smoothing``: networks that weights are given afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import CheckpointEvery, DatasetNames, DatasetRoot, Resume, Seed, read_sets
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.stopping import tells_how_to_resume

WeightsArgument = Annotated[
    str, typer.Argument(help="Weights of an association network, which `gnntrack train` wrote.")
]
File = Annotated[Path, typer.Option("--output", "-o", help="File to write, .safetensors.")]
TrainingOf = Annotated[
    str | None,
    typer.Option("--model", help="Model recipe whose training settings count, instead of the weights' own."),
]
OverwriteFile = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")]


def _adds(help_text: str, part: str) -> Callable[..., None]:
    """The command that trains a part, by :mod:`gnntrack.training`, and adds it to weights."""

    def command(
        weights: WeightsArgument,
        dataset: DatasetNames,
        output: File,
        root: DatasetRoot = None,
        training_of: TrainingOf = None,
        seed: Seed = 0,
        resume: Resume = False,
        checkpoint_every: CheckpointEvery = 120.0,
        overwrite: OverwriteFile = False,
    ) -> None:
        from gnntrack import recipes
        from gnntrack.errors import DataError
        from gnntrack.files import check_file
        from gnntrack.models import AssociationNetwork, ModelRecipe, load_weights, save_weights
        from gnntrack.training.description import describe
        from gnntrack.training.report import StderrReport
        from gnntrack.training.run_state import RunState
        from gnntrack.training.smoothing_training import train_smoothing_network
        from gnntrack.training.tracklet_training import train_tracklet_network

        check_file(output, overwrite)
        model, recipe = load_weights(weights)
        if not isinstance(model, AssociationNetwork):
            raise DataError(
                f"the weights are of a {recipe.architecture.kind} network",
                remedy="give weights of an association network",
                path=Path(weights),
            )
        own = recipe.training
        if training_of is not None:
            recipe = recipe.model_copy(update={"training": recipes.load("models", training_of, ModelRecipe).training})
        train = {"tracklets": train_tracklet_network, "smoothing": train_smoothing_network}[part]
        training, validation = (read_sets(dataset, root, split) for split in ("training", "validation"))
        told = {"part": part, "seed": seed, "model": recipe.model_dump(mode="json")}
        told |= describe(model, None, [training, validation])
        folder = output.with_name(f"{output.name}.training")
        state = RunState(folder, told, resume, overwrite, checkpoint_every)
        say_weights(weights)
        with tells_how_to_resume(), state, StderrReport() as report:
            model, recipe = train(training, model, recipe, seed, report, validation, state)
        if recipe.training.learn == "appearance":  # all else stays as it was learned
            recipe = recipe.model_copy(update={"training": own})
        save_weights(output, model, recipe)
        state.close()
        say(f"wrote {output}")

    command.__name__, command.__doc__ = f"train_{part}", help_text
    return command


train_tracklets = _adds(
    "Add a tracklet network to weights: it decides who is who once a crossing is over.", "tracklets"
)
train_smoothing = _adds(
    "Add a smoothing network to weights: it moves boxes to where objects more probably were.", "smoothing"
)
