"""Light and dark, contrast by WCAG AA, and what tells things apart besides colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from gnntrack.inspection.style import GROUNDS, contrast, page_palette

from .conftest import Open, press, settle

#: Text that is shown now: its colour, and the first background below it that is not transparent.
TEXTS = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.textContent.trim() || element.closest("script") || !element.checkVisibility()) continue;
  const clear = "rgba(0, 0, 0, 0)";
  let behind = element, back = clear;
  for (; behind && back === clear; behind = behind.parentElement) back = getComputedStyle(behind).backgroundColor;
  found.push([node.textContent.trim().slice(0, 40), getComputedStyle(element).color, back]);
}
return found;"""


@pytest.fixture
def prefer(browser: Chrome) -> Iterator:
    """Sets what the system prefers; what the page remembered is forgotten."""

    def go(scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    yield go
    browser.execute_script("localStorage.clear()")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def hexadecimal(colour: str) -> str:
    """``rgb(r, g, b)`` as ``#rrggbb``."""
    parts = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    assert parts, colour
    return "#" + bytes(int(part) for part in parts.groups()).hex()


def shown_theme(page: Chrome) -> str:
    return page.execute_script("return document.documentElement.dataset.theme")


def test_the_page_follows_the_system_until_it_is_told(prefer, open_page: Open, page: Path) -> None:
    prefer("dark")
    opened = open_page(page)
    assert shown_theme(opened) == "dark"
    prefer("light")
    settle(opened)
    assert shown_theme(opened) == "light"
    opened.find_element(By.ID, "theme-button").click()
    assert shown_theme(opened) == "dark"
    assert shown_theme(open_page(page)) == "dark"  # remembered
    press(opened, "c")
    assert shown_theme(opened) == "light"
    prefer("dark")
    assert shown_theme(open_page(page)) == "light"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(prefer, open_page: Open, page: Path, scheme: str) -> None:
    prefer(scheme)
    opened = open_page(page)
    opened.execute_script(
        """viewer.openError(8); viewer.goTo(33);
        const b = viewer.scene.panes[0].boxes;
        viewer.select({ pane: 0, id: b.id[b.start[32]], node: b.node[b.start[32]] });"""
    )
    opened.find_element(By.CSS_SELECTOR, "[data-kind=miss]").click()
    settle(opened)
    press(opened, "r")
    settle(opened)
    assert opened.find_element(By.ID, "tip").is_displayed()
    texts = opened.execute_script(TEXTS)
    opened.execute_script("document.getElementById('help').showModal()")
    texts += opened.execute_script(TEXTS)
    assert len(texts) > 150
    poor = {
        (text, round(contrast(hexadecimal(ink), hexadecimal(back)), 2))
        for text, ink, back in texts
        if contrast(hexadecimal(ink), hexadecimal(back)) < 4.5
    }
    assert poor == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_drawn_can_be_seen(prefer, open_page: Open, page: Path, scheme: str) -> None:
    prefer(scheme)
    opened = open_page(page)
    opened.execute_script("viewer.goTo(33)")
    settle(opened)
    colours = {key: hexadecimal(colour) for key, colour in opened.execute_script("return viewer.theme.colours").items()}
    ground = colours["ground"]
    assert ground == GROUNDS[scheme][0]
    kinds = opened.execute_script("return Object.keys(viewer.KINDS)")
    assert len(kinds) == 8
    assert [kind for kind in kinds if contrast(colours[kind], ground) < 4.5] == []  # notes are written in them
    lines = ("chosen", "true", "rival", "untracked", "cursor")
    assert [name for name in lines if contrast(colours[name], ground) < 3] == []
    assert opened.execute_script("return viewer.theme.identities") == page_palette()[scheme]
    labels = opened.execute_script("return document.querySelector('#panes canvas').labels.map((l) => [l.ink, l.fill])")
    assert len(labels) > 5
    as_hex = [[each if each.startswith("#") else hexadecimal(each) for each in pair] for pair in labels]
    assert min(contrast(ink, fill) for ink, fill in as_hex) >= 4.5


def test_colour_is_never_the_only_sign(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    signs = opened.execute_script("return Object.values(viewer.KINDS).map(([, sign]) => sign)")
    assert len(set(signs)) == 8
    rows = opened.find_elements(By.CSS_SELECTOR, ".error")
    assert {row.find_element(By.CSS_SELECTOR, ".sign").text for row in rows} <= set(signs)
    looks = opened.execute_script(
        "return Array.from({ length: 40 }, (_, id) => viewer.colourOf(id) + viewer.dashOf(id))"
    )
    assert len(set(looks)) == 40
    toggle = opened.find_element(By.CSS_SELECTOR, "[data-toggle=trails]")
    before = opened.execute_script("return getComputedStyle(arguments[0], '::before').content", toggle)
    toggle.click()
    after = opened.execute_script("return getComputedStyle(arguments[0], '::before').content", toggle)
    assert (before, after) == ('"✓ "', "none")
