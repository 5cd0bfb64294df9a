"""The plots of ``gnntrack eval --plots``, on drawn error cases: what stands where, and that it can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from gnntrack.datasets.sample import sample
from gnntrack.evaluation.errors import errors_in
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.report import score_all
from gnntrack.evaluation.scene import Scene
from gnntrack.inspection.moments import key_frames, worst_moments
from gnntrack.inspection.plots.hota import draw_hota
from gnntrack.inspection.plots.moment import draw_moment
from gnntrack.inspection.plots.timeline import MOST_BARS, draw_timeline
from gnntrack.inspection.style import FALSE, identity_colour
from gnntrack.sequence import Sequence

from .conftest import toy

NASTY = '<b onclick="x">$\\frac{1}{2}$'


def matched(truth: str, tracks: str) -> Matches:
    return match(Scene.of(toy(truth), toy(tracks)))


def runs(figure: Figure) -> set[tuple[float, float, float, str]]:
    """First and last frame, row and colour of every line of a timeline."""
    found = set()
    for lines in figure.axes[0].collections:
        if isinstance(lines, LineCollection):
            colours = lines.get_colors()
            for place, ((first, row), (last, _)) in enumerate(lines.get_segments()):
                rgb = colours[min(place, len(colours) - 1)]
                colour = "#" + bytes(round(255 * part) for part in rgb[:3]).hex()
                found.add((first + 0.5, last - 0.5, row, colour))
    return found


def texts(figure: Figure) -> list[str]:
    found = [text for axes in figure.axes for text in axes.texts]
    return [text.get_text() for text in found]


def test_bars_have_the_colours_of_tracks_and_misses_are_lines() -> None:
    """truth   1 1 1 1 1 1        tracks   7 7 . . 8 8        the second object is followed by 9 all the time
    2 2 2 2 2 2                 9 9 9 9 9 9
    """
    figure = draw_timeline(matched("1 1 1 1 1 1\n2 2 2 2 2 2", "7 7 . . 8 8\n9 9 9 9 9 9"))
    assert runs(figure) == {
        (1, 2, 0, identity_colour(7)),
        (3, 4, 0, FALSE),
        (5, 6, 0, identity_colour(8)),
        (1, 6, 1, identity_colour(9)),
    }
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "2"]
    assert texts(figure) == ["7", "8", "9"]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        "switch after occlusion (1)",
        "switch in plain sight (0)",
        "swap of two subjects (0)",
        "missed (2 boxes)",
    ]
    marks = [
        tuple(mark)
        for marks in axes.collections
        if not isinstance(marks, LineCollection)
        for mark in marks.get_offsets()
    ]
    assert marks == [(4.5, 0.0)]


def many(objects: int, switched: int = 1) -> Matches:
    """As many objects in 30 frames; some change their track in frame 15."""
    frame, item = np.repeat(np.arange(1, 31), objects), np.tile(np.arange(objects), 30)
    table = pd.DataFrame({"frame": frame, "id": item, "x": 20.0 * item, "y": 0.0, "w": 10.0, "h": 10.0})
    truth = Sequence("many", table, width=20 * objects, height=20, frame_rate=10.0)
    later = (frame >= 15) & (item >= objects - switched)
    return match(Scene.of(truth, truth.with_ids(item + 1000 * later)))


@pytest.mark.parametrize("objects", [5, 100])
def test_rows_can_be_read_however_many_there_are(objects: int) -> None:
    figure = draw_timeline(many(objects))
    axes = figure.axes[0]
    figure.draw_without_rendering()
    labels = axes.get_yticklabels()
    assert len(labels) == objects
    boxes = [label.get_window_extent() for label in labels]
    gaps = np.diff(sorted(box.y0 for box in boxes)) * 72 / figure.dpi
    assert labels[0].get_fontsize() >= 6
    assert gaps.min() >= 0.9 * labels[0].get_fontsize()  # lines of text do not run into each other
    assert gaps.max() <= 36
    numbers = [text for text in axes.texts if text.get_text().isdigit()]
    assert len(numbers) == objects + 1
    assert min(number.get_fontsize() for number in numbers) >= 5


def test_of_very_many_objects_those_with_errors_are_drawn() -> None:
    figure = draw_timeline(many(MOST_BARS + 50, switched=3))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(labels) == MOST_BARS
    assert labels[-3:] == ["197", "198", "199"]
    assert "50 with fewer errors not drawn" in figure.axes[0].get_title(loc="left")


def test_hota_curves_are_those_of_the_score() -> None:
    truth, tracks = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")
    score = score_all({"a": (truth, tracks)})["a"]
    figure = draw_hota({"one": score, NASTY: score})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["HOTA", "DetA: detection", "AssA: association"]
    for axes, key in zip(figure.axes, ("hota", "deta", "assa"), strict=True):
        one, two = axes.lines
        assert np.allclose(one.get_ydata(), 100 * score.curves()[key])
        assert np.allclose(one.get_xdata(), np.arange(0.05, 0.96, 0.05))
        assert (one.get_linestyle(), one.get_marker()) != (two.get_linestyle(), two.get_marker())
        assert axes.get_legend().get_texts()[0].get_text() == f"{100 * score.metrics()[key]:.1f}  one"
        assert not any(text.get_parse_math() for text in axes.get_legend().get_texts())


@pytest.mark.parametrize(
    ("truth", "tracks", "frames", "why"),
    [
        ("1 1 1 1 1 1", "7 7 . . 8 8", (2, 5, 6), "object 1: track 7 becomes 8; the object was lost for 2 frames"),
        ("1 1 1 1 1 1", "7 7 . . . 7", (2, 3, 6), "object 1 is missed in frames 3 to 5"),
        ("1 1 1 1 1 1\n. . . . . .", "7 7 7 7 7 7\n. . 9 9 . .", (2, 3, 5), "track 9 is on no annotated object"),
        ("1 1 1 1 1 1", ". . . . . .", (1, 1, 6), "object 1 is never found"),
    ],
    ids=["switch", "miss", "false positive", "first frame"],
)
def test_key_frames_lie_before_at_and_after(truth: str, tracks: str, frames: tuple[int, ...], why: str) -> None:
    found = matched(truth, tracks)
    errors = errors_in(found)
    shown = key_frames(worst_moments({"toy": errors}, most=1)[0], errors, found.truth)
    assert (shown.before, shown.at, shown.after) == frames
    assert shown.errors["why"].iloc[0].startswith(why)


def drawn(found: Matches, **more: Any) -> tuple[Figure, Any]:
    errors = errors_in(found)
    shown = key_frames(worst_moments({"toy": errors}, most=1)[0], errors, found.truth)
    return draw_moment(found, shown, **more), shown


def test_a_moment_shows_boxes_and_ids_of_both_sides() -> None:
    """Two tracks change places in frame 4."""
    figure, shown = drawn(matched("1 1 1 1 1\n2 2 2 2 2", "7 7 7 8 8\n8 8 8 7 7"))
    assert (shown.before, shown.at, shown.after) == (3, 4, 5)
    above, below = figure.axes[:3], figure.axes[3:]
    assert [axes.get_title(loc="left") for axes in above] == ["frame 3", "frame 4", "frame 5"]
    labels = [{text.get_text() for text in axes.texts} for axes in above]
    assert labels == [{"1 → 7", "2 → 8"}, {"1 → 8", "2 → 7"}, {"1 → 8", "2 → 7"}]
    assert [{text.get_text() for text in axes.texts} for axes in below] == [{"7", "8"}] * 3
    assert "object 1: track 7 becomes 8" in figure.get_suptitle()


def test_missed_objects_are_dotted_and_false_positives_dashed() -> None:
    figure, _ = drawn(matched("1 1 1 1\n2 2 2 2\n. . . .", "7 7 7 7\n. . . .\n9 9 9 9"))
    outlines = [patch.get_linestyle() for patch in figure.axes[0].patches]
    assert sorted(outlines) == ["-", ":"]
    (result,) = [axes for axes in figure.axes if axes.get_ylabel() == "result"]
    assert sorted(patch.get_linestyle() for patch in result.patches) == ["-", "--"]


def test_a_moment_stands_on_the_image_where_there_is_one() -> None:
    """An image of half the size, left half red: the part that is cut out lies where the boxes are."""
    found = matched("1 1 1 1\n2 2 2 2", "7 7 8 8\n9 9 9 9")
    image = np.zeros((100, 50, 3), dtype=np.uint8)
    image[:, :25] = (255, 0, 0)
    figure, shown = drawn(found, images=lambda frame: image if frame == shown_frame(found) else None)
    with_image = [axes for axes in figure.axes if axes.images]
    assert {axes.get_title(loc="left") for axes in with_image if axes.get_title(loc="left")} == {f"frame {shown.at}"}
    assert len(with_image) == 2
    left, right, bottom, top = with_image[0].images[0].get_extent()
    assert (left, right) == with_image[0].get_xlim()
    pixels = np.asarray(with_image[0].images[0].get_array())
    share = np.clip((50 - left) / (right - left), 0, 1)
    assert (pixels[..., 0] == 255).mean() == pytest.approx(share, abs=0.1)
    assert bottom > top


def shown_frame(found: Matches) -> int:
    errors = errors_in(found)
    return key_frames(worst_moments({"toy": errors}, most=1)[0], errors, found.truth).at
