"""What the fuzzer runs on a mutated file: every reader by itself, and every verb as a user types it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fuzz_seeds import Seeds, scene
from typer.main import get_command

from gnntrack import recipes
from gnntrack.cli.app import app
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.store import GraphStore
from gnntrack.datasets.synthetic.detector import load_detector, simulate
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS
from gnntrack.formats.seqinfo import read_info, read_labels
from gnntrack.inspection.convert import from_networkx
from gnntrack.inspection.export import read_graph
from gnntrack.loaders.npy import read_npy
from gnntrack.losses import build_loss
from gnntrack.losses.settings import LossSettings
from gnntrack.models import ModelRecipe, load_weights
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence
from gnntrack.training.checkpoint import load_state
from gnntrack.training.reading import DataReader

OPTIONS = (
    ReadingOptions(size=(640, 480), frame_rate=25.0),
    ReadingOptions(on_error="skip"),
    ReadingOptions(frame_base=0, confidence="rescale"),
)
_COMMAND = get_command(app)
Run = Callable[[Seeds, Path, np.random.Generator], object]


@dataclass(frozen=True)
class Target:
    """One way to use a file.

    Attributes:
        reader: whose files are mutated.
        verb: the verb, or ``read`` for the reader by itself.
        run: uses the file; its errors are the findings.
        weight: how often, relative to others; what is slow comes less often.
    """

    reader: str
    verb: str
    run: Run
    weight: float


def verb(*arguments: object) -> str:
    """Runs a verb inside this process, as ``gnntrack ARGUMENTS``; what it prints."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        _COMMAND.main([str(argument) for argument in arguments], standalone_mode=False)
    return out.getvalue()


def _read(name: str) -> Run:
    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        content = "detections" if rng.random() < 0.4 else "annotations"
        options = OPTIONS[rng.integers(len(OPTIONS))]
        for sequence in iterate(seeds.root / name, content, options, FILE_FORMATS[name]):
            Sequence(sequence.name, sequence.boxes, sequence.width, sequence.height, length=sequence.length)

    return run


def _check(name: str) -> Run:
    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        how = [] if rng.random() < 0.5 else ["--json"]
        guess = [] if rng.random() < 0.3 else ["--from", name]
        text = verb("check", seeds.root / name, *how, *guess)
        if how:
            json.loads(text)

    return run


def _convert(name: str) -> Run:
    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        others = [other for other in FILE_FORMATS if other != name]
        to = "graphs" if rng.random() < 0.2 else others[rng.integers(len(others))]
        out = seeds.root / "out"
        shutil.rmtree(out, ignore_errors=True)
        verb("convert", seeds.root / name, "--from", name, "--to", to, "-o", out)

    return run


def _track(name: str, format_: str = "") -> Run:
    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        out = seeds.root / "tracks"
        shutil.rmtree(out, ignore_errors=True)
        mode = "online" if rng.random() < 0.5 else "offline"
        weights = seeds.root / "window.safetensors"
        verb("track", seeds.root / name, "--from", format_ or name, "--weights", weights, "--mode", mode, "-o", out)

    return run


def _eval(name: str) -> Run:
    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        verb("eval", "--gt", seeds.root / name, "--from", name, "--pred", seeds.root / "results", "--json")

    return run


def _train(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
    DataReader(seeds.root / "mot").read(str(path))  # what train reads


def _recipe(kind: str) -> Run:
    schema = {"datasets": DatasetRecipe, "models": ModelRecipe, "losses": LossSettings}[kind]

    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        settings = recipes.load(kind, str(path), schema)
        if isinstance(settings, LossSettings):
            build_loss(settings)

    return run


def _inspect(source: str, *more: str) -> Run:
    def run(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
        weights = ["--weights", seeds.root / "window.safetensors"] if rng.random() < 0.3 else []
        json.loads(verb("inspect", seeds.root / source, *weights, *more, "--json").splitlines()[-1])

    return run


def _explain(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
    weights = seeds.root / "window.safetensors"
    tracks = ["--tracks", seeds.root / "results"]
    verb("explain", seeds.root / "mot" / "scene", "--frame", 2, "--id", 1, "--weights", weights, *tracks, "--json")


def _view(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
    graph = ["--graph"] if rng.random() < 0.3 else []
    page = seeds.root / "view.html"
    verb("view", seeds.root / "mot" / "scene", "--tracks", seeds.root / "results", *graph, "-o", page, "--overwrite")


def _store(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
    store = GraphStore(seeds.root / "store")
    for position in range(min(len(store), 4)):
        store[position].validate()


def _detector(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
    simulate(scene(), load_detector(path), 0)


def _detections(seeds: Seeds, path: Path, rng: np.random.Generator) -> None:
    out = seeds.root / "detections"
    shutil.rmtree(out, ignore_errors=True)
    verb("synth", "detections", seeds.root / "mot", "--detector", seeds.root / "detector.json", "-o", out)


def targets() -> list[Target]:
    """All of them."""
    found = []
    for name in FILE_FORMATS:
        found += [
            Target(name, "read", _read(name), 6),
            Target(name, "check", _check(name), 1),
            Target(name, "convert", _convert(name), 0.5),
            Target(name, "track", _track(name), 0.3),
            Target(name, "eval", _eval(name), 0.3),
        ]
    found += [
        Target("npy", "read", lambda seeds, path, _: read_npy(path), 200),
        Target("npy", "check", lambda seeds, *_: verb("check", seeds.root / "vectors"), 1),
        Target("npy", "track", _track("vectors", "mot"), 0.5),
        Target("seqinfo.ini", "read", lambda seeds, path, _: read_info(path.parent), 300),
        Target("seqinfo.ini", "check", _check("mot"), 0.5),
        Target("labels.txt", "read", lambda seeds, path, _: read_labels(path), 150),
        Target("results", "eval", _eval("mot"), 0.5),
        Target("results", "view", _view, 0.5),
        Target("results", "explain", _explain, 0.3),
        Target("mot", "view", _view, 0.5),
        Target("mot", "explain", _explain, 0.3),
        Target("mot", "inspect", _inspect("mot/scene"), 0.3),
        Target("recipe of datasets", "read", _recipe("datasets"), 40),
        Target("recipe of datasets", "train", _train, 1),
        Target("recipe of models", "read", _recipe("models"), 40),
        Target("recipe of losses", "read", _recipe("losses"), 40),
        Target("weights", "read", lambda seeds, path, _: load_weights(path), 30),
        Target("weights", "track", _track("mot"), 0.3),
        Target("weights", "inspect", _inspect("mot/scene"), 0.3),
        Target("checkpoint", "read", lambda seeds, path, _: load_state(path), 200),
        Target("store", "read", _store, 20),
        Target("store", "inspect", _inspect("store"), 1),
        Target("detector", "read", _detector, 4),
        Target("detector", "synth detections", _detections, 0.3),
        Target("copied errors", "read", _detector, 4),
        Target("graph file", "read", lambda seeds, path, _: from_networkx(read_graph(path)), 6),
    ]
    return found
