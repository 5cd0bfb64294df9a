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
from gnntrack.inspection.plots import plot_calibration, plot_timeline, plot_tracks, plot_training, plot_window
from gnntrack.inspection.plots.calibration import calibration
from gnntrack.inspection.style import FALSE, TRUE
from gnntrack.sequence import Sequence


def share(path: Path, colour: str) -> float:
    """Share of the image's points that have about this colour."""
    image = imread(path)[..., :3]
    wanted = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return float((np.abs(image - wanted) < 0.06).all(-1).mean())


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


def walker(frames: list[int], detection: int = 0) -> Sequence:
    """Object 4 walks to the right."""
    rows = [
        {"frame": frame, "id": 4, "x": 10.0 + 2 * frame, "y": 40.0, "w": 20.0, "h": 40.0, "detection": detection}
        for frame in frames
    ]
    return Sequence("street", pd.DataFrame(rows), width=160, height=120)


def test_tracks_have_paths_as_long_as_asked(tmp_path: Path) -> None:
    for trail in (1, 10, 30):
        plot_tracks(walker([1, 10, 12, 14, 16, 18, 20, 40]), tmp_path / f"{trail}.svg", frames=[20], trail=trail)
    drawn = [(tmp_path / f"{trail}.svg").read_text().count("<path") for trail in (1, 10, 30)]
    assert drawn[1] - drawn[0] == 5  # from 10 to 20
    assert drawn[2] - drawn[0] == 6  # and from 1 to 10; nothing of frame 40


def test_frames_lie_side_by_side_at_the_scale_of_the_video(tmp_path: Path) -> None:
    plot_tracks(walker([1, 2, 3]), tmp_path / "one.png")
    plot_tracks(walker([1, 2, 3]), tmp_path / "three.png", frames=[1, 2, 3])
    one, three = (imread(tmp_path / name).shape for name in ("one.png", "three.png"))
    assert one[:2] == (int(150 * (8 * 120 / 160 + 0.35)), 1200)
    assert three[:2] == (int(150 * (4 * 120 / 160 + 0.35)), 1800)


def test_interpolated_boxes_are_dashed(tmp_path: Path) -> None:
    for name, detection in (("detected", 0), ("interpolated", -1)):
        plot_tracks(walker([1], detection), tmp_path / f"{name}.svg")
    assert "stroke-dasharray" in (tmp_path / "interpolated.svg").read_text()
    assert "stroke-dasharray" not in (tmp_path / "detected.svg").read_text()


def test_a_frame_without_tracks_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no identities in frame 9"):
        plot_tracks(walker([1, 2]), tmp_path / "tracks.png", frames=[1, 9])
    for tracks in (sample("TUD-Campus", "detections"), walker([1]).take(np.zeros(1, dtype=bool))):
        with pytest.raises(DataError, match="no identities"):
            plot_tracks(tracks, tmp_path / "tracks.png")
    assert not list(tmp_path.iterdir())


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
