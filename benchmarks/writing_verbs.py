"""The verbs that write, and what they read: two short videos, weights, results and recipes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from command_runs import run

from gnntrack.models import ModelRecipe, build_model, save_weights

RECIPE = {
    "graph": {"window": 6, "stride": 2, "max_gap": 4},
    "stages": [{"train": "window", "epochs": 3, "batch_size": 4}],
}
ASSOCIATION = (
    "architecture: {kind: association, hidden: 8, rounds: 1}\n"
    "stages:\n"
    "  - {train: association, epochs: 2, batch_size: 2, length: 12, window: 2, steps: 4}\n"
    "  - {train: relinking, clips: 1, steps: 30, length: 40, batch_size: 1, network: {members: 2, hidden: 4}}\n"
    "  - {train: smoothing, steps: 30, batch_size: 8, network: {hidden: 4}}\n"
)
WINDOWS = "graph: {window: 6, stride: 2, max_gap: 4}\nstages: [{train: window, epochs: 3, batch_size: 4}]\n"


@dataclass(frozen=True)
class Verb:
    """One way of writing.

    Attributes:
        name: in the table.
        arguments: of the command.
        other: more of them, for an earlier output that differs.
        resumes: whether a killed run goes on with ``--resume``.
        whole: whether the output appears as a whole, not file by file.
        goes_on: whether a hidden folder that a killed run left is gone on with, told ``--resume``.
    """

    name: str
    arguments: tuple[str, ...]
    other: tuple[str, ...]
    resumes: bool = False
    whole: bool = True
    goes_on: bool = False


TRAIN = ("--dataset", "./street.yaml", "-o", "out")
VERBS = (
    Verb("convert to graphs", ("convert", "data", "-o", "out"), ("--sequence", "synthetic-0001")),
    Verb(
        "convert to mot",
        ("convert", "data", "--to", "mot", "-o", "out"),
        ("--sequence", "synthetic-0001"),
        goes_on=True,
    ),
    Verb("convert to yolo", ("convert", "data", "--to", "yolo", "-o", "out"), ("--sequence", "synthetic-0001")),
    Verb(
        "synth",
        ("synth", "--objects", "4", "--frames", "90", "--sequences", "3", "-o", "out"),
        ("--seed", "5"),
        goes_on=True,
    ),
    Verb("synth detections", ("synth", "detections", "data", "-o", "out"), ("--seed", "5")),
    Verb("synth fit", ("synth", "fit", "data", "--hold-out", "0", "-o", "out.json"), ("--sequence", "*-0001")),
    Verb("track", ("track", "data", "--weights", "./w.safetensors", "-o", "out"), ("--mode", "offline"), True, False),
    Verb("draw", ("draw", "data", "--tracks", "data", "--to", "png", "-o", "out"), ("--trail", "0"), True, False),
    Verb(
        "eval --errors",
        ("eval", "--gt", "data", "--pred", "tracks", "--errors", "out.csv"),
        ("--sequence", "synthetic-0001"),
    ),
    Verb("inspect --export", ("inspect", "data/synthetic-0001", "--export", "out.gexf"), ("--frames", "1:9")),
    Verb("inspect --plot", ("inspect", "data/synthetic-0001", "--plot", "out.png"), ("--frames", "1:9")),
    Verb("view", ("view", "data/synthetic-0001", "--tracks", "tracks", "-o", "out.html"), ("--frame", "9")),
    Verb("train mpn", ("train", "--recipe", "./windows.yaml", *TRAIN), ("--seed", "5"), True, False),
    Verb("train association", ("train", "--recipe", "./small.yaml", *TRAIN), ("--seed", "5"), True, False),
)


def prepare(root: Path) -> Path:
    """Inputs of all verbs: two short videos, weights, results and recipes."""
    inputs = root / "inputs"
    inputs.mkdir()
    wishes = ("--objects", "4", "--frames", "40", "--sequences", "2", "--detector", "dancetrack-yolox")
    assert run(inputs, ("synth", *wishes, "-o", "data")) == 0, (inputs / "stderr.txt").read_text()
    (inputs / "street.yaml").write_text("root: data\ntraining: [synthetic-0001]\nvalidation: [synthetic-0002]\n")
    (inputs / "windows.yaml").write_text(WINDOWS)
    (inputs / "small.yaml").write_text(ASSOCIATION)
    torch.manual_seed(0)
    recipe = ModelRecipe.model_validate(RECIPE)
    save_weights(inputs / "w.safetensors", build_model(recipe), recipe)
    assert run(inputs, ("track", "data", "--weights", "./w.safetensors", "-o", "tracks")) == 0
    return inputs
