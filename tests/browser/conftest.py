"""A real, headless Chromium, driven by Selenium. Where either is missing these tests fail; they are never skipped.

They run by ``make test-browser``, not with the other tests: ``pip install selenium`` and a ``chromium`` with its
driver are needed (on Debian: ``apt-get install chromium chromium-driver``; elsewhere set CHROMIUM and CHROMEDRIVER).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from torch_geometric.data import Data

from gnntrack.datasets.sample import sample
from gnntrack.inspection.open import graph_of
from gnntrack.inspection.sources import read_source
from gnntrack.inspection.view import write_page
from gnntrack.sequence import Sequence

Open = Callable[[Path], webdriver.Chrome]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1440,900",
]


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def frame(page: webdriver.Chrome) -> int:
    return int(page.find_element(By.ID, "frame").get_property("value"))


def settle(page: webdriver.Chrome) -> None:
    """Waits until what changed is drawn."""
    page.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def point_at(page: webdriver.Chrome, x: float, y: float, pane: int = 0) -> ActionChains:
    """Moves the mouse to a point of the image."""
    canvas = page.find_elements(By.CSS_SELECTOR, "#panes canvas")[pane]
    sx, sy = page.execute_script("return viewer.toScreen(arguments[0], arguments[1], arguments[2])", canvas, x, y)
    size = canvas.size
    return ActionChains(page).move_to_element_with_offset(canvas, sx - size["width"] / 2, sy - size["height"] / 2)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests, with a profile of its own."""
    options = Options()
    options.binary_location = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver") or "/usr/bin/chromedriver"
    made = webdriver.Chrome(options=options, service=Service(driver))
    yield made
    made.quit()


@pytest.fixture
def open_page(browser: webdriver.Chrome) -> Iterator[Open]:
    """Opens a page from disk and waits for its first image; afterwards no error may stand in the console."""

    def go(path: Path) -> webdriver.Chrome:
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(path.as_uri())
        WebDriverWait(browser, 20).until(lambda page: page.execute_script("return document.body.dataset.ready"))
        return browser

    yield go
    assert browser.get_log("browser") == []


@pytest.fixture(scope="session")
def scored() -> Data:
    """The candidate links of TUD-Campus, with scores: what is near is probable."""
    graph, _ = graph_of(read_source("TUD-Campus"))
    nearness = graph.edge_attr[:, :2].norm(dim=1) + 0.1 * graph.edge_attr[:, 5]
    graph.score = torch.sigmoid(4 - 10 * nearness)
    return graph


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory, scored: Data) -> Path:
    """TUD-Campus: the sample's result beside the ground truth, with scored candidate links."""
    path = tmp_path_factory.mktemp("page") / "view.html"
    write_page(path, sample("TUD-Campus", "tracks"), truth=read_source("TUD-Campus").truth, graph=scored)
    return path


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and a second result."""
    path = tmp_path_factory.mktemp("three") / "view.html"
    tracks, truth = sample("TUD-Campus", "tracks"), sample("TUD-Campus", "annotations")
    write_page(path, tracks, truth=truth, other=truth)
    return path


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 objects in each of five frames, as annotated, and in two results with other identities."""
    generator = np.random.default_rng(0)
    place = np.tile(generator.uniform([0, 200], [1850, 800], (200, 2)), (5, 1)) + generator.normal(0, 2, (1000, 2))
    table = pd.DataFrame({"frame": np.repeat(np.arange(1, 6), 200), "id": np.tile(np.arange(200), 5)})
    table = table.assign(x=place[:, 0], y=place[:, 1], w=60.0, h=150.0)
    truth = Sequence("crowd", table, width=1920, height=1080)
    tracks = truth.take(generator.random(1000) > 0.05)
    path = tmp_path_factory.mktemp("crowd") / "view.html"
    write_page(path, tracks, truth=truth, other=tracks.with_ids(tracks.boxes["id"].to_numpy() + 300))
    return path
