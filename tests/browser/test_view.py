"""The page of ``gnntrack view``, used as a person would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.image import imread
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from gnntrack.datasets.sample import sample
from gnntrack.graphs.feature_columns import EDGE_FEATURES
from gnntrack.inspection.view import PageOptions, write_page
from gnntrack.sequence import Sequence

from .conftest import Open, frame, point_at, press, settle


def pixels(page: Chrome, pane: int = 0) -> int:
    """How many different colours a pane shows: a blank one has few."""
    return page.execute_script(
        """const canvas = document.querySelectorAll("#panes canvas")[arguments[0]];
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        return seen.size;""",
        pane,
    )


def test_loads_and_draws_both_sides(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    assert opened.find_element(By.ID, "name").text == "TUD-Campus"
    assert "7 switches" in opened.find_element(By.ID, "facts").text
    assert [pane.text.split()[0] for pane in opened.find_elements(By.CSS_SELECTOR, ".caption")] == ["result", "ground"]
    opened.execute_script("viewer.goTo(30)")
    settle(opened)
    assert pixels(opened, 0) > 20
    assert pixels(opened, 1) > 20


def test_steps_by_keyboard_button_and_slider(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    assert frame(opened) == 1
    press(opened, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    settle(opened)
    assert frame(opened) == 3
    press(opened, Keys.ARROW_LEFT)
    settle(opened)
    assert frame(opened) == 2
    opened.find_element(By.ID, "forward").click()
    settle(opened)
    assert frame(opened) == 3
    press(opened, Keys.END)
    settle(opened)
    assert frame(opened) == 71
    slider = opened.find_element(By.ID, "slider")
    ActionChains(opened).move_to_element(slider).click().perform()
    settle(opened)
    assert 30 <= frame(opened) <= 42


def test_plays_and_stops_at_the_end(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    opened.execute_script("viewer.goTo(65)")
    press(opened, " ")
    opened.execute_async_script("setTimeout(arguments[0], 1200)")
    assert frame(opened) == 71
    assert opened.execute_script("return viewer.state.playing") is False


def test_opens_at_the_frame_asked_for(open_page: Open, page: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "view.html", sample("TUD-Campus", "tracks"), options=PageOptions(frame=42))
    assert frame(open_page(tmp_path / "view.html")) == 42
    opened = open_page(page)
    opened.execute_script("location.hash = 'frame=17'")
    settle(opened)
    settle(opened)
    assert frame(opened) == 17


def test_a_click_on_an_error_goes_there(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    rows = opened.find_elements(By.CSS_SELECTOR, ".error")
    switch = next(row for row in rows if "track 6 becomes 4" in row.get_property("textContent"))
    opened.execute_script("arguments[0].scrollIntoView()", switch)
    switch.click()
    settle(opened)
    assert frame(opened) == 26
    assert opened.find_element(By.ID, "box-title").text == "Track 4"
    assert "current" in switch.get_attribute("class")


def test_errors_are_filtered_and_stepped_through(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    every = len(opened.find_elements(By.CSS_SELECTOR, ".error"))
    for kind in opened.find_elements(By.CSS_SELECTOR, "#filters button"):
        if "Switch" not in kind.text:
            kind.click()
    shown = len(opened.find_elements(By.CSS_SELECTOR, ".error"))
    assert shown == 7 < every
    seen = []
    for _ in range(8):
        press(opened, "n")
        settle(opened)
        seen.append(frame(opened))
    assert seen == [24, 26, 33, 38, 41, 49, 57, 57]
    plain = opened.find_element(By.CSS_SELECTOR, "[data-kind=temporal_inconsistency]")
    ActionChains(opened).double_click(plain).perform()
    assert len(opened.find_elements(By.CSS_SELECTOR, ".error")) == 2
    ActionChains(opened).double_click(plain).perform()
    assert len(opened.find_elements(By.CSS_SELECTOR, ".error")) == every
    opened.execute_script("viewer.goTo(57)")
    for kind in opened.find_elements(By.CSS_SELECTOR, "#filters button"):
        if "Switch" not in kind.text:
            kind.click()
    press(opened, "p")
    settle(opened)
    assert frame(opened) == 49


def test_a_selected_box_lists_its_rivals_with_scores(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    opened.execute_script("viewer.goTo(30)")
    settle(opened)
    x, y, ident = opened.execute_script(
        """const b = viewer.scene.panes[0].boxes, row = b.start[29];
        return [b.x[row] + b.w[row] / 2, b.y[row] + b.h[row] / 2, b.id[row]];"""
    )
    point_at(opened, x, y).click().perform()
    settle(opened)
    assert opened.find_element(By.ID, "box-title").text == f"Track {ident:g}"
    rows = opened.find_elements(By.CSS_SELECTOR, ".link")
    scores = [float(row.find_element(By.CSS_SELECTOR, ".score").text) for row in rows]
    assert len(rows) > 4
    assert all(0 <= score <= 1 for score in scores)
    assert any("chosen" in row.text for row in rows)
    assert any("true" in row.text for row in rows)
    press(opened, Keys.ESCAPE)
    settle(opened)
    assert not opened.find_element(By.ID, "box-panel").is_displayed()


def test_a_hovered_link_shows_its_score_and_every_feature_by_name(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    opened.execute_script("viewer.goTo(30); viewer.state.view.zoom = 3")
    node = opened.execute_script(
        """const b = viewer.scene.panes[0].boxes, row = b.start[29];
        viewer.select({ pane: 0, id: b.id[row], node: b.node[row] });
        Object.assign(viewer.state.view, { x: b.x[row] + b.w[row] / 2, y: b.y[row] + b.h[row] / 2 });
        return b.node[row];"""
    )
    settle(opened)
    link, x, y = opened.execute_script(
        """const { link } = viewer.scene.graph, far = (i) => {
          const [a, b] = [viewer.middle(link.source[i]), viewer.middle(link.target[i])];
          return Math.hypot(a[0] - b[0], a[1] - b[1]);
        };
        const i = viewer.shownLinks().sort((a, b) => far(b) - far(a)).find((i) => far(i) < 120);
        const [a, b] = [viewer.middle(link.source[i]), viewer.middle(link.target[i])];
        return [i, a[0] * 0.3 + b[0] * 0.7, a[1] * 0.3 + b[1] * 0.7];"""
    )
    assert node >= 0
    point_at(opened, x, y).perform()
    settle(opened)
    tip = opened.find_element(By.ID, "tip")
    assert tip.is_displayed()
    shown = opened.execute_script("return viewer.state.hover.link")
    score = opened.execute_script("return viewer.scene.graph.link.score[arguments[0]]", shown)
    assert f"score {score:.3f}" in tip.text
    assert "says the ground truth" in tip.text
    assert link >= 0
    names, values = opened.execute_script(
        """const { names, values } = viewer.scene.graph.features, first = arguments[0] * names.length;
        return [names, Array.from(values.subarray(first, first + names.length))];""",
        shown,
    )
    assert tuple(names) == EDGE_FEATURES
    assert all(
        f"{name} {value:.2f}" in tip.text for name, value in zip(names, values, strict=True) if abs(value) > 0.01
    )


def test_zoom_and_pan_keep_the_point_under_the_mouse(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    before = opened.execute_script("return {...viewer.state.view}")
    canvas = opened.find_element(By.CSS_SELECTOR, "#panes canvas")
    opened.execute_script(
        """arguments[0].dispatchEvent(new WheelEvent("wheel",
        { deltaY: -400, clientX: 200, clientY: 300, bubbles: true, cancelable: true }));""",
        canvas,
    )
    settle(opened)
    zoomed = opened.execute_script("return {...viewer.state.view}")
    assert zoomed["zoom"] > 1.5 * before["zoom"]
    ActionChains(opened).click_and_hold(canvas).move_by_offset(60, 30).release().perform()
    settle(opened)
    panned = opened.execute_script("return {...viewer.state.view}")
    assert panned["x"] < zoomed["x"]
    assert panned["y"] < zoomed["y"]
    press(opened, "0")
    settle(opened)
    assert opened.execute_script("return viewer.state.view.zoom") == 1


def test_toggles_and_the_help(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    opened.execute_script("viewer.goTo(40)")
    press(opened, "l")
    settle(opened)
    assert opened.execute_script("return viewer.shownLinks().length") > 5
    press(opened, "2")
    settle(opened)
    assert [pane.is_displayed() for pane in opened.find_elements(By.CSS_SELECTOR, ".pane")] == [True, False]
    press(opened, "?")
    assert opened.find_element(By.ID, "help").is_displayed()


NASTY = """<script>document.title="run"</script><img src=x onerror="document.title='run'">'"&amp;]]>{{data}}"""


def test_names_are_shown_not_run(open_page: Open, tmp_path: Path) -> None:
    name = NASTY.replace("/", "∕")  # a sequence name cannot hold a slash; the closing tag is tried below
    table = pd.DataFrame({"frame": [1, 2], "id": [1, 1], "x": 10.0, "y": 10.0, "w": 20.0, "h": 40.0})
    tracks = Sequence(name, table, width=100, height=100)
    write_page(tmp_path / "view.html", tracks, truth=tracks)
    opened = open_page(tmp_path / "view.html")
    assert opened.find_element(By.ID, "name").text == " ".join(name.split())
    assert opened.title == f"{name} · gnntrack"
    assert len(opened.find_elements(By.TAG_NAME, "script")) == 2
    assert not opened.find_elements(By.TAG_NAME, "img")


def test_a_closing_tag_in_the_data_ends_nothing(open_page: Open, tmp_path: Path) -> None:
    tracks = sample("TUD-Campus", "tracks")
    object.__setattr__(tracks, "name", NASTY)
    write_page(tmp_path / "view.html", tracks)
    opened = open_page(tmp_path / "view.html")
    assert opened.find_element(By.ID, "name").text == NASTY
    assert opened.title == f"{NASTY} · gnntrack"
    assert len(opened.find_elements(By.TAG_NAME, "script")) == 2


def test_frame_images_lie_behind_the_boxes(open_page: Open, tmp_path: Path) -> None:
    folder = tmp_path / "img ü#1"
    folder.mkdir()
    for number in (1, 2):
        figure = Figure(figsize=(1, 1), facecolor=(1.0, 0.5, 0.0))
        figure.savefig(folder / f"{number:06d}.png", dpi=64)
    table = pd.DataFrame({"frame": [1, 2], "id": [1, 1], "x": 10.0, "y": 10.0, "w": 5.0, "h": 5.0})
    write_page(tmp_path / "view.html", Sequence("a", table, width=64, height=64), options=PageOptions(images=folder))
    opened = open_page(tmp_path / "view.html")
    opened.execute_async_script("setTimeout(arguments[0], 400)")
    opened.save_screenshot(str(tmp_path / "shot.png"))
    shot = imread(tmp_path / "shot.png")[..., :3]
    orange = (np.abs(shot - np.array([1.0, 0.5, 0.0])) < 0.03).all(-1)
    assert orange.sum() > 10_000


def test_two_results_side_by_side(open_page: Open, tmp_path: Path) -> None:
    tracks, truth = sample("TUD-Campus", "tracks"), sample("TUD-Campus", "annotations")
    write_page(tmp_path / "view.html", tracks, truth=truth, other=tracks)
    opened = open_page(tmp_path / "view.html")
    assert [pane.text.split(" ")[0] for pane in opened.find_elements(By.CSS_SELECTOR, ".caption")] == [
        "result",
        "ground",
        "second",
    ]


def test_nothing_tracked_is_an_empty_page(open_page: Open, tmp_path: Path) -> None:
    truth = sample("TUD-Campus", "annotations")
    write_page(tmp_path / "view.html", truth.take(np.zeros(0, dtype=int)), truth=truth)
    opened = open_page(tmp_path / "view.html")
    assert "359 misses" in opened.find_element(By.ID, "facts").text
    write_page(tmp_path / "none.html", sample("TUD-Campus", "detections").take(np.zeros(0, dtype=int)))
    press(open_page(tmp_path / "none.html"), Keys.ARROW_RIGHT, " ", "n")
