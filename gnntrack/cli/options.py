"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.paths import LOCAL, PATH

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what the output already holds.")]
Output = Annotated[Path, typer.Option("--output", "-o", parser=PATH, help="Folder to write.")]
RunFolder = Annotated[Path, typer.Option("--output", "-o", parser=LOCAL, help="Folder to write, on this machine.")]
BenchmarkName = Literal[
    "mot17", "mot20", "dancetrack", "sportsmot", "kitti", "visdrone", "bdd100k", "coco", "tao", "uavdt", "custom"
]
Benchmark = Annotated[BenchmarkName, typer.Option(help="Whose rules decide what counts.")]
Source = Annotated[
    str, typer.Argument(metavar="SEQ", help="A file of detections, a sequence folder, or TUD-Campus of the sample.")
]
GroundTruth = Annotated[
    Path | None,
    typer.Option(parser=PATH, help="Annotations, where they are not in the sequence folder: gt.txt or a folder."),
]
Seed = Annotated[int, typer.Option(help="Of initialisation, order and augmentation.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that was stopped, from its checkpoint.")]
Loggers = Annotated[
    list[str] | None,
    typer.Option("--logger", help="Also log to tensorboard, wandb or csv, a folder a stage; several may be given."),
]
CheckpointEvery = Annotated[float, typer.Option(help="Seconds between checkpoints.", min=1)]
DatasetName = Annotated[
    str | None, typer.Option("--dataset", help="Data set recipe that says how to read the source, and which boxes.")
]
DatasetRoot = Annotated[
    Path | None, typer.Option(parser=PATH, help="Folder that the root of every data set recipe is relative to.")
]
