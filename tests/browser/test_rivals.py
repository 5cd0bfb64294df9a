"""What a link competed with: under the mouse, and in the keyboard's focus."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from torch_geometric.data import Data

from .conftest import Open, frame, point_at, press, settle


def chosen_link(page: Chrome, number: int = 30) -> tuple[int, int, int]:
    """A link that was made into a box of this frame: its number on the page, and its ends in the graph."""
    return page.execute_script(
        """viewer.goTo(arguments[0]);
        const { link, node } = viewer.scene.graph;
        const i = link.flags.findIndex((flags, i) => (flags & 1) && node.frame[link.target[i]] === arguments[0]);
        const track = node.track[link.target[i]], b = viewer.scene.panes[0].boxes;
        viewer.select({ pane: 0, id: track, node: link.target[i] });
        return [i, link.source[i], link.target[i]];""",
        number,
    )


def expected(graph: Data, source: int, target: int) -> tuple[list[float], float]:
    """Scores of all candidates at the two ends of a link, the best first, and its margin over the best other one."""
    edges, score = graph.edge_index.numpy(), graph.score.numpy()
    near = (edges[0] == source) | (edges[1] == target)
    own = (edges[0] == source) & (edges[1] == target)
    margin = float(score[own][0] - score[near & ~own].max())
    return sorted(score[near].tolist(), reverse=True), margin


def check_tip(page: Chrome, graph: Data, source: int, target: int) -> None:
    tip = page.find_element(By.ID, "tip")
    assert tip.is_displayed()
    rows = tip.find_elements(By.CSS_SELECTOR, "[data-rival]")
    shown = [float(row.find_element(By.CSS_SELECTOR, ".score").text) for row in rows]
    scores, margin = expected(graph, source, target)
    assert len(rows) > 2
    assert shown == sorted(shown, reverse=True)
    assert shown[:3] == pytest.approx(scores[:3], abs=6e-4)
    made = [row for row in rows if "✓ chosen" in row.text and row.text.startswith("▸")]
    assert len(made) == 1
    told = re.search(r"margin ([+−])(\d\.\d{3})", tip.text)
    assert told
    assert float(told[2]) * (1 if told[1] == "+" else -1) == pytest.approx(margin, abs=1e-3)


def test_a_hovered_box_shows_the_rivals_of_its_link(open_page: Open, page: Path, scored: Data) -> None:
    opened = open_page(page)
    _, source, target = chosen_link(opened)
    opened.execute_script("viewer.select(null)")
    settle(opened)
    x, y = opened.execute_script("return viewer.middle(arguments[0])", target)
    point_at(opened, x, y).perform()
    settle(opened)
    check_tip(opened, scored, source, target)


def test_the_keyboard_shows_the_same(open_page: Open, page: Path, scored: Data) -> None:
    opened = open_page(page)
    link, source, target = chosen_link(opened)
    settle(opened)
    press(opened, "r")
    settle(opened)
    focused = opened.switch_to.active_element
    assert focused.get_attribute("data-link") == str(link)
    check_tip(opened, scored, source, target)
    tip = opened.find_element(By.ID, "tip").rect
    assert focused.rect["x"] + focused.rect["width"] <= tip["x"] or tip["x"] + tip["width"] <= focused.rect["x"]
    press(opened, Keys.ARROW_DOWN)
    settle(opened)
    assert opened.switch_to.active_element.get_attribute("data-link") != str(link)
    press(opened, Keys.ARROW_UP, Keys.ENTER)
    settle(opened)
    assert frame(opened) == scored.frame[source]
    press(opened, Keys.ESCAPE)
    settle(opened)
    assert not opened.find_element(By.ID, "tip").is_displayed()
    assert opened.switch_to.active_element.tag_name == "canvas"
    press(opened, Keys.ESCAPE)
    settle(opened)
    assert not opened.find_element(By.ID, "box-panel").is_displayed()


def test_links_that_were_made_are_told_by_their_line(open_page: Open, page: Path) -> None:
    """Solid where it was made, dashed where not; at the end a square where it is true, a cross where it is not."""
    opened = open_page(page)
    chosen_link(opened)
    settle(opened)
    dashes, made = opened.execute_script(
        """const seen = [], kept = CanvasRenderingContext2D.prototype.lineTo;
        CanvasRenderingContext2D.prototype.lineTo = function (x, y) {
          seen.push([x, y, this.getLineDash().length]);
          kept.call(this, x, y);
        };
        viewer.draw();
        CanvasRenderingContext2D.prototype.lineTo = kept;
        const { link } = viewer.scene.graph;
        const ends = viewer.shownLinks().map((i) => [...viewer.middle(link.target[i]), link.flags[i] & 1]);
        return [seen, ends];"""
    )
    drawn = {(round(x, 3), round(y, 3), bool(dash)) for x, y, dash in dashes}
    assert {made_it for _, _, made_it in made} == {0, 1}
    for x, y, made_it in made:
        assert (round(x, 3), round(y, 3), not made_it) in drawn


def test_margins_of_all_links_that_were_made(open_page: Open, page: Path, scored: Data) -> None:
    """Though a page keeps only the strongest candidates of each box, the best rival is among them."""
    opened = open_page(page)
    links = opened.execute_script(
        """const { link } = viewer.scene.graph;
        return [...link.flags.keys()].filter((i) => link.flags[i] & 1)
          .map((i) => [link.source[i], link.target[i], viewer.marginOf(i)]);"""
    )
    margins = [expected(scored, source, target)[1] for source, target, _ in links[::9]]
    assert np.allclose([margin for *_, margin in links[::9]], margins, atol=1e-5)
