"""``gnntrack train``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gnntrack.cli.changes import Changes, changes
from gnntrack.cli.helpers import hush_torch, is_helper, quiet
from gnntrack.cli.named import named
from gnntrack.cli.options import CheckpointEvery, DatasetRoot, Loggers, Overwrite, Resume, RunFolder, Seed
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.run_folder import draw_curves, is_finished, say_finished
from gnntrack.cli.stopping import tells_how_to_resume

if TYPE_CHECKING:
    from gnntrack.models import TrainingRecipe
    from gnntrack.sequence import Sequence
    from gnntrack.training import StageData

#: What a run that began with weights says of held-out videos.
GAIN = "held-out.md"
#: Fewer videos are said to be few.
FEW = 6


def train(
    output: RunFolder,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="Recipe of models/ or training/: a name or a YAML file. It says what is trained, in which stages.",
            show_default="mpn, or that of --start",
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            help="Data set instead of the recipe's: a name, a YAML file, or a folder of annotated videos; several may "
            "be given."
        ),
    ] = None,
    held_out: Annotated[
        list[str] | None,
        typer.Option(
            help="Video of such a folder that is not learned from; * and ? are wildcards, several may be given.",
            show_default="every fourth",
        ),
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
        str,
        typer.Option(
            help="How many of them on each machine, a process each; or which: 1, (with a comma) is the second. Of the "
            "CPU: processes, which share out its cores."
        ),
    ] = "1",
    nodes: Annotated[
        int,
        typer.Option(help="Machines. Each runs this command; torchrun, srun or you tell it which it is.", min=1),
    ] = 1,
    strategy: Annotated[
        str, typer.Option(help="How several processes train one network: auto or ddp, which are the same.")
    ] = "auto",
    precision: Annotated[
        str,
        typer.Option(help="Of networks while they learn, as Lightning calls it: 32, bf16, or 16 (not on the CPU)."),
    ] = "32",
    workers: Annotated[
        int,
        typer.Option(help="Processes, for each device, that build windows ahead (stage window).", min=0),
    ] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Train the networks of a model, stage by stage; writes weights, and a log and curves for every stage."""
    hush_torch()
    from gnntrack.training import RunOptions, train_stages
    from gnntrack.training.reading import DataReader, stage_data

    options = RunOptions(
        seed=seed,
        epochs=epochs,
        resume=resume,
        overwrite=overwrite,
        start=start,
        checkpoint_every=checkpoint_every,
        accelerator=accelerator,
        devices=devices,
        nodes=nodes,
        strategy=strategy,
        precision=precision,
        workers=workers,
        loggers=tuple(logger or ()),
    )
    helper = is_helper(devices, nodes)
    with quiet(helper):
        wanted, folder = _recipe(recipe, start, changed)
        reader = DataReader(root, held_out or ())
        own_loss = None if loss is None else named(loss)
        data = stage_data(wanted, folder, reader, list(map(named, dataset or ())), own_loss)
        if start is not None:
            say_weights(start)
        for place, names in reader.folders.items():
            say(f"{place}: held out {', '.join(names) or 'nothing: there is one video'} (--held-out chooses)", err=True)
        titles, judged = [stage.title for stage in wanted.stages], [] if start is None else _held_out(data)
        finished = resume and not helper and is_finished(output, titles, [GAIN] * bool(judged))
        with tells_how_to_resume():
            train_stages(data, wanted, output, options)
    if helper:
        return
    if finished:
        say_finished(output)
        return
    gain = None
    if start is not None:
        gain = _gain(start, output, judged, any(stage.chooses for stage in wanted.stages))
    draw_curves(output, titles, {} if gain is None else {GAIN: gain})


def _recipe(name: str | None, start: str | None, changed: list[str] | None) -> tuple[TrainingRecipe, Path | None]:
    """What is trained, and the folder that its paths are relative to."""
    from gnntrack import recipes
    from gnntrack.models import load_weights
    from gnntrack.training.reading import load_recipe

    wanted: TrainingRecipe
    folder: Path | None = None
    if name is None and start is not None:
        wanted = load_weights(start)[1]
    else:
        wanted, folder = load_recipe(named(name or "mpn"))
    return recipes.changed(wanted, changes(changed)) if changed else wanted, folder


def _held_out(data: list[StageData]) -> list[tuple[Sequence, Sequence]]:
    """Annotations and detections of the videos that no stage learns from, each once."""
    items = {id(item): item for stage in data for item in stage.validation}
    return [(item.annotations, item.sequence) for item in items.values() if item.annotations is not None]


def _gain(start: str, output: Path, videos: list[tuple[Sequence, Sequence]], chose: bool) -> str | None:
    """Says what training was worth on videos that were not learned from; the tables of it."""
    from gnntrack.bench.held_out import compare_weights, words
    from gnntrack.bench.report import as_markdown
    from gnntrack.progress import StderrReport
    from gnntrack.training import WEIGHTS

    if not videos:
        say("no video was held out, so what this is worth on other videos is not known")
        return None
    with StderrReport() as report:
        found = compare_weights(start, output / WEIGHTS, videos, report.moved)
    few = "; so few videos are a rough guide" if len(found.videos) < FEW else ""
    say(f"held-out videos ({len(found.videos)}), means [95 % interval] over videos{few}:")
    for line in words(found):
        say(f"  {line}")
    if chose:
        say("they also chose which epochs are kept, so expect a little less on others")
    return as_markdown(found)
