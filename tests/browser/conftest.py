"""A real, headless Chromium, driven by Selenium. Where either is missing these tests fail; they are never skipped.

They run by ``make test-browser``, not with the other tests: ``pip install selenium`` and a ``chromium`` with its
driver are needed (on Debian: ``apt-get install chromium chromium-driver``; elsewhere set CHROMIUM and CHROMEDRIVER).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from gnntrack.datasets.sample import sample
from gnntrack.inspection.sources import read_source

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
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TUD-Campus: the sample's result beside the ground truth, with scored candidate links."""
    import torch

    from gnntrack.inspection.open import graph_of
    from gnntrack.inspection.view import write_page

    source = read_source("TUD-Campus")
    graph, _ = graph_of(source)
    nearness = graph.edge_attr[:, :2].norm(dim=1) + 0.1 * graph.edge_attr[:, 5]
    graph.score = torch.sigmoid(4 - 10 * nearness)
    path = tmp_path_factory.mktemp("page") / "view.html"
    write_page(path, sample("TUD-Campus", "tracks"), truth=source.truth, graph=graph)
    return path
