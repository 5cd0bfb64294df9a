"""``gnntrack adapt``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.named import named
from gnntrack.cli.options import CheckpointEvery, Loggers, Overwrite, Resume, RunFolder, Seed
from gnntrack.cli.output import say_weights
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading
from gnntrack.cli.run_folder import draw_curves, is_finished, say_finished
from gnntrack.cli.stopping import tells_how_to_resume


@with_reading
def adapt(
    source: Annotated[
        Path,
        typer.Argument(
            parser=PATH,
            metavar="INPUT",
            help="Detections: a file, a sequence folder, a folder of sequences in any format, or TUD-Campus.",
        ),
    ],
    output: RunFolder,
    weights: Annotated[str, typer.Option(help="Weights to adapt: a shipped name or a file.")] = "default",
    recipe: Annotated[
        str, typer.Option(help="Recipe of training/: a name or a YAML file, of stages with 'labels: tracks'.")
    ] = "adapt",
    reading: Reading = AS_USUAL,
    seed: Seed = 0,
    resume: Resume = False,
    checkpoint_every: CheckpointEvery = 120.0,
    logger: Loggers = None,
    overwrite: Overwrite = False,
) -> None:
    """Adapt weights to videos without annotations; keeps them as they were where that does harm."""
    from gnntrack.reading import read
    from gnntrack.training import RunOptions
    from gnntrack.training.adaptation import adapt as adapt_weights
    from gnntrack.training.reading import load_recipe

    wanted, _ = load_recipe(named(recipe))
    videos = read(source, "detections", reading.options(), reading.format())
    options = RunOptions(
        seed=seed,
        resume=resume,
        overwrite=overwrite,
        start=weights,
        checkpoint_every=checkpoint_every,
        loggers=tuple(logger or ()),
    )
    say_weights(weights)
    stages = [stage.title for stage in wanted.stages]
    finished = resume and is_finished(output, stages)
    with tells_how_to_resume():
        adapt_weights(videos, wanted, output, options)
    if finished:
        say_finished(output)
    else:
        draw_curves(output, stages)
