"""Labels stand at their boxes: not upon each other, nor on boxes of others where there is room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from selenium.webdriver import Chrome

from gnntrack.inspection.view import write_page
from gnntrack.sequence import Sequence

from .conftest import Open, settle


def labels(page: Chrome, pane: int = 0) -> list[dict[str, Any]]:
    """The labels of a pane that are drawn now: text, rectangle and box on the screen."""
    settle(page)
    return page.execute_script(
        """const { labels } = document.querySelectorAll("#panes canvas")[arguments[0]];
        return labels.filter(({ rectangle }) => rectangle)
          .map(({ text, rectangle, box }) => ({ text, rectangle, box }));""",
        pane,
    )


def shared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pixels that rectangles ``(N, 4)`` and ``(M, 4)`` share, ``(N, M)``."""
    low, high = np.maximum(one[:, None, :2], other[None, :, :2]), np.minimum(one[:, None, 2:], other[None, :, 2:])
    return np.prod(np.maximum(high - low, 0), axis=2)


def columns(found: list[dict[str, Any]], key: str) -> np.ndarray:
    return np.array([label[key] for label in found]).reshape(-1, 4)


def scene(boxes: list[tuple[float, float, float, float]], path: Path) -> Path:
    """A page of one frame with these boxes."""
    table = pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).assign(frame=1, id=range(1, len(boxes) + 1))
    write_page(path / "view.html", Sequence("toy", table, width=640, height=480))
    return path / "view.html"


def test_a_label_makes_way_for_a_box_of_another(open_page: Open, tmp_path: Path) -> None:
    """Over the left upper corner of box 2 lies box 1; over the right one there is room."""
    opened = open_page(scene([(100, 100, 120, 200), (200, 150, 120, 200)], tmp_path))
    found = {label["text"]: label for label in labels(opened)}
    one, two = found["1"], found["2"]
    assert shared(columns([two], "rectangle"), columns([one], "box")).sum() == 0
    assert two["rectangle"][2] == two["box"][2]  # at its right edge
    assert two["rectangle"][3] == two["box"][1]  # above it


def test_a_label_that_had_to_go_is_led_to_by_a_line(open_page: Open, tmp_path: Path) -> None:
    """Box 2 lies in the middle of box 1: its label stands outside of both, and a line in its colour leads there."""
    opened = open_page(scene([(260, 180, 90, 120), (290, 220, 30, 30)], tmp_path))
    found = {label["text"]: label for label in labels(opened)}
    one, two = found["1"], found["2"]
    assert shared(columns([two], "rectangle"), columns([one], "box")).sum() == 0
    between = [(one["box"][0] + two["rectangle"][2]) / 2, (one["box"][0] + two["box"][0]) / 2]
    if two["rectangle"][0] > one["box"][2]:
        between = [(one["box"][2] + two["rectangle"][0]) / 2, (one["box"][2] + two["box"][2]) / 2]
    x = min(between, key=lambda value: abs(value - np.mean(two["rectangle"][::2])))
    column = opened.execute_script(
        """const canvas = document.querySelector("#panes canvas"), seen = new Set();
        const x = Math.round(arguments[0] * devicePixelRatio);
        const { data } = canvas.getContext("2d").getImageData(x, 0, 1, canvas.height);
        for (let i = 0; i < data.length; i += 4) seen.add([data[i], data[i + 1], data[i + 2]].join());
        return [...seen];""",
        x,
    )
    ground = opened.execute_script("return viewer.theme.colours.ground").removeprefix("rgb(").removesuffix(")")
    assert set(column) - {ground.replace(" ", "")}


def test_labels_never_stand_on_each_other(open_page: Open, three: Path) -> None:
    opened = open_page(three)
    for number in range(1, 72, 7):
        opened.execute_script("viewer.goTo(arguments[0])", number)
        for pane in range(3):
            place = columns(labels(opened, pane), "rectangle")
            assert np.triu(shared(place, place), 1).sum() == 0


def test_labels_of_two_hundred_objects(open_page: Open, crowd: Path) -> None:
    opened = open_page(crowd)
    opened.execute_script("viewer.goTo(3)")
    wide, high = opened.execute_script(
        "const c = document.querySelector('#panes canvas'); return [c.clientWidth, c.clientHeight]"
    )
    for pane in range(3):
        found = labels(opened, pane)
        place = columns(found, "rectangle")
        assert np.triu(shared(place, place), 1).sum() == 0
        assert len(found) > 150
        assert pane or (place.min() >= 0 and place[:, 2].max() <= wide and place[:, 3].max() <= high)
