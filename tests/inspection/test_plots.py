from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from torch_geometric.data import Data

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.graphs import slice_window
from gnntrack.inspection.plots import plot_calibration, plot_timeline, plot_training, plot_window
from gnntrack.inspection.plots.calibration import calibration
from gnntrack.inspection.style import FALSE, TRUE


def share(path: Path, colour: str) -> float:
    """Share of the picture's points that have about this colour."""
    picture = imread(path)[..., :3]
    wanted = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return float((np.abs(picture - wanted) < 0.06).all(-1).mean())


def test_window_shows_true_and_false_links(window: Data, tmp_path: Path) -> None:
    plot_window(window, tmp_path / "right.png", window.edge_label)
    plot_window(window, tmp_path / "wrong.png", 1 - window.edge_label)
    assert share(tmp_path / "right.png", TRUE) > 3 * share(tmp_path / "wrong.png", TRUE)
    assert share(tmp_path / "wrong.png", FALSE) > 3 * share(tmp_path / "right.png", FALSE)


@pytest.mark.parametrize("frames", [(30, 30), (1, 71), (30, 31)])
def test_windows_of_any_length(campus: Data, tmp_path: Path, frames: tuple[int, int]) -> None:
    plot_window(slice_window(campus, *frames), tmp_path / "window.svg")
    assert "<svg" in (tmp_path / "window.svg").read_text()


def test_window_without_truth(campus: Data, tmp_path: Path) -> None:
    data = slice_window(campus, 30, 33)
    del data.identity, data.edge_label
    plot_window(data, tmp_path / "window.png")
    assert share(tmp_path / "window.png", TRUE) == 0.0


def test_what_cannot_be_drawn_is_one_clear_line(window: Data, campus: Data, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no boxes"):
        plot_window(slice_window(campus, 9000, 9001), tmp_path / "window.png")
    with pytest.raises(DataError, match="one value a link"):
        plot_window(window, tmp_path / "window.png", window.score[:3])
    with pytest.raises(DataError, match=r"cannot draw a txt; use \.png"):
        plot_window(window, tmp_path / "window.txt")
    with pytest.raises(DataError, match="scores and labels"):
        plot_calibration(campus, tmp_path / "calibration.png")
    assert not list(tmp_path.iterdir())


def test_training_curves_by_group(tmp_path: Path) -> None:
    epochs = np.arange(4)
    parts = [
        "total",
        "flow",
        "lambda_spatial",
        "lambda_temporal",
        "sigma_spatial",
        "false_positives_soft",
        "unheard_of",
    ]
    table = pd.DataFrame({"epoch": epochs, "step": epochs * 10})
    for position, part in enumerate(parts):
        table[f"train/{part}"] = 0.5 + 0.1 * position - 0.01 * epochs
        table[f"validation/{part}"] = np.where(epochs % 2, table[f"train/{part}"], np.nan)
    table["train/never"] = np.nan
    table.to_csv(tmp_path / "metrics.csv", index=False)
    plot_training(tmp_path / "metrics.csv", tmp_path / "curves.svg")
    text = (tmp_path / "curves.svg").read_text()
    for title in ("Total loss", "Loss terms", "Share of each term", "Algebraic connectivity", "Counts"):
        assert f"<!-- {title}" in text
    assert "unheard of" in text
    assert "never" not in text


@pytest.mark.parametrize("content", ["", "epoch,step\n0,1\n", "a,b\n1,2\n", "epoch,train/total\n0,\n"])
def test_training_without_figures_is_one_clear_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "metrics.csv").write_text(content)
    with pytest.raises(DataError, match=r"metrics\.csv"):
        plot_training(tmp_path / "metrics.csv", tmp_path / "curves.png")


def test_timeline_marks_the_switches(tmp_path: Path) -> None:
    tracks, truth = sample("TUD-Campus", "tracks"), sample("TUD-Campus", "annotations")
    plot_timeline(tracks, tmp_path / "timeline.svg", truth)
    text = (tmp_path / "timeline.svg").read_text()
    assert "switch after occlusion (5)" in text
    assert "switch in plain sight (2)" in text
    plot_timeline(tracks, tmp_path / "tracks.png")
    with pytest.raises(DataError, match="no identities"):
        plot_timeline(sample("TUD-Campus", "detections"), tmp_path / "none.png")


def test_calibration_of_scores_that_tell_the_truth() -> None:
    generator = np.random.default_rng(0)
    score = generator.uniform(size=20_000)
    honest = calibration(score, generator.uniform(size=20_000) < score)
    boastful = calibration(np.sqrt(score), generator.uniform(size=20_000) < score)
    assert honest["error"] < 0.02 < 0.1 < boastful["error"]


def test_calibration_plot(window: Data, tmp_path: Path) -> None:
    plot_calibration(window, tmp_path / "calibration.png")
    assert imread(tmp_path / "calibration.png").shape[:2] == (660, 1650)


def test_no_plot_touches_global_state(window: Data, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    plot_window(window, tmp_path / "window.png")
    assert dict(matplotlib.rcParams) == before
    import sys

    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []
