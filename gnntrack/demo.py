"""The whole path on real data: convert, train, track, evaluate, draw."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gnntrack import recipes
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import find_sequence, labelled_split
from gnntrack.evaluation import Metrics, evaluate
from gnntrack.evaluation.table import in_percent
from gnntrack.files import write_text
from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.graphs import build_graph, slice_window, window_ranges
from gnntrack.inspection.plots import plot_training, plot_window
from gnntrack.losses import build_loss
from gnntrack.models import Model, ModelRecipe
from gnntrack.outputs import output_folder
from gnntrack.remote import on_this_machine
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_by_overlap, track_offline, track_online
from gnntrack.tracking.stages import stages_of
from gnntrack.training import CURVES, METRICS, RunOptions, train

DATASET, MODEL, LOSS = "sample", "mpn", "unitrack"
#: Frames that a lost track is kept by the baseline; the trained tracker has its graph's largest gap.
BASELINE_MEMORY = 10


@dataclass(frozen=True)
class DemoResult:
    """What the demo measured.

    Attributes:
        rows: metrics of ``baseline``, ``online`` and ``offline`` on the sequence that was not trained on.
        seconds: wall-clock time of the whole demo.
        sequence: the sequence's name.
    """

    rows: dict[str, Metrics]
    seconds: float
    sequence: str

    def to_json(self) -> str:
        """``{"online": {"mota": …, "idf1": …, "hota": …, "idsw": …}, …, "seconds": …}``, shares in percent."""
        rows = in_percent(
            {name: {key: row[key] for key in ("mota", "idf1", "hota", "idsw")} for name, row in self.rows.items()}
        )
        return json.dumps({**rows, "seconds": round(self.seconds, 1)})


def run_demo(
    out: str | Path,
    seed: int = 0,
    overwrite: bool = False,
    epochs: int | None = None,
    say: Callable[[str], None] = lambda line: None,
    progress: bool = True,
) -> DemoResult:
    """Trains on one street scene, tracks another, and writes tracks, metrics, curves and a image of a graph.

    The annotations of the tracked sequence are used for evaluation alone.

    Args:
        out: the folder to write.
        seed: of the training.
        overwrite: replace an earlier demo.
        epochs: instead of the model recipe's.
        say: called with each line of progress.
        progress: show a progress bar on stderr.

    Raises:
        DataError: the folder holds something, and ``overwrite`` is false or it is no earlier demo.
    """
    with output_folder(on_this_machine(out), "demo", settings={"seed": seed}, overwrite=overwrite) as folder:
        return _demo(folder.path, seed, epochs, say, progress)


def _demo(out: Path, seed: int, epochs: int | None, say: Callable[[str], None], progress: bool) -> DemoResult:
    """Does what :func:`run_demo` says, in a folder of its own."""
    started = time.perf_counter()
    data, recipe = recipes.load("datasets", DATASET, DatasetRecipe), recipes.load("models", MODEL, ModelRecipe)
    training = list(labelled_split(data, "training"))
    for item in training:
        graph = build_graph(item.sequence, recipe.graph, item.identity)
        windows = len(window_ranges(item.sequence.frames, recipe.graph))
        say(
            f"{item.sequence.name}: {graph.num_nodes} boxes, {graph.num_edges} candidate links, {windows} window graphs"
        )
    say(f"training {MODEL} with {LOSS}")
    options = RunOptions(seed=seed, epochs=epochs, progress=progress)
    model = train(training, recipe, build_loss(LOSS), out / "run", options)
    (name,) = data.test
    detections = find_sequence(data, name, "detections")
    say(f"tracking {name}, {len(detections)} boxes, never seen in training")
    tracks = {
        "baseline": track_by_overlap(detections, memory=BASELINE_MEMORY),
        "online": track_online(detections, model, recipe),
        "offline": track_offline(detections, model, recipe),
    }
    truth = find_sequence(data, name, "annotations")
    rows = {kind: evaluate({name: (truth, tracked)})[name] for kind, tracked in tracks.items()}
    for kind, tracked in tracks.items():
        write_tracks(out / "tracks" / kind / f"{name}.txt", tracked)
    plot_training(out / "run" / recipe.stages[0].title / METRICS, out / CURVES)
    _plot_graph(model, recipe, training[-1].sequence, training[-1].identity, out / "graph.png")
    result = DemoResult(rows, time.perf_counter() - started, name)
    write_text(out / "metrics.json", result.to_json() + "\n")
    return result


def _plot_graph(model: Model, recipe: ModelRecipe, sequence: Sequence, identity: np.ndarray, path: Path) -> None:
    """Draws the busiest window of a sequence with the model's scores."""
    graph = build_graph(sequence, recipe.graph, identity)
    graph = stages_of(model, recipe).judge(graph)
    ranges = window_ranges(graph.frame, recipe.graph)
    first, last = max(ranges, key=lambda pair: int(((graph.frame >= pair[0]) & (graph.frame <= pair[1])).sum()))
    window = slice_window(graph, first, last)
    plot_window(window, path, graph.score[window.edge_row])
