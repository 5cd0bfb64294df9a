"""The page uses the window: panes and list stand in whatever arrangement makes the images largest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from .conftest import Open, press, settle


@pytest.fixture
def sized(browser: Chrome) -> Iterator[Chrome]:
    """A browser whose window is any size."""
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def resize(browser: Chrome, width: int, height: int) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def rectangles(page: Chrome, selector: str) -> list[dict[str, float]]:
    found = page.find_elements(By.CSS_SELECTOR, selector)
    return [each.rect for each in found if each.is_displayed()]


@pytest.mark.parametrize(
    ("width", "height", "widest"), [(1920, 1080, 620), (1280, 800, 400), (700, 900, 330)], ids=["1920", "1280", "700"]
)
def test_three_panes_use_the_width(
    sized: Chrome, open_page: Open, three: Path, width: int, height: int, widest: int
) -> None:
    resize(sized, width, height)
    opened = open_page(three)
    settle(opened)
    panes, side = rectangles(opened, ".pane"), rectangles(opened, "#side")
    assert len(panes) == 3
    assert min(pane["x"] for pane in panes) <= 10
    assert max(part["x"] + part["width"] for part in panes + side) >= width - 10
    assert min(pane["width"] for pane in panes) >= widest
    assert opened.execute_script("return document.scrollingElement.scrollWidth") <= width
    for one, other in [(0, 1), (1, 2), (0, 2)]:
        assert not overlap(panes[one], panes[other])
        assert not overlap(panes[one], side[0])


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


def test_without_the_list_the_images_have_all_room(sized: Chrome, open_page: Open, page: Path) -> None:
    resize(sized, 1400, 900)
    opened = open_page(page)
    settle(opened)
    (before, _), area = rectangles(opened, ".view canvas"), rectangles(opened, "#panes")[0]
    press(opened, "b")
    settle(opened)
    panes = rectangles(opened, ".view canvas")
    assert not rectangles(opened, "#side")
    assert panes[0]["width"] >= before["width"]
    assert sum(pane["width"] for pane in panes) > 0.97 * area["width"]
    press(opened, "2", "1")  # one side at least stays
    settle(opened)
    assert len(rectangles(opened, ".pane")) == 1
