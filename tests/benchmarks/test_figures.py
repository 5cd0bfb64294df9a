"""The short table of the tracking benchmark in README.md and models/default.md."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gnntrack.errors import DataError

FOLDER = Path(__file__).parents[2] / "benchmarks"
HOTA = {
    "SORT": 40.04,
    "SORT, tuned": 52.0,
    "OC-SORT": 45.0,
    "OC-SORT, tuned": 51.0,
    "gnntrack, online": 60.0,
    "gnntrack, offline": 61.26,
    "gnntrack, online, boxes as detected": 59.5,
    "gnntrack, offline, boxes as detected": 60.5,
    "perfect links on the detections": 90.0,
}


def result(hota: dict[str, float]) -> dict[str, Any]:
    """A data set of ``tracking.json``; in its only video, everything is another figure than over all."""
    rows = []
    for name, value in hota.items():
        score = {"hota": value, "assa": value - 10, "idf1": value + 5, "idsw": 7}
        speed = {} if "perfect" in name else {"frames_per_second": 123.4}
        rows.append({"tracker": name, "scores": {"a": score | {"hota": 99.0}, "COMBINED": score | speed}})
    return {
        "dataset": "dancetrack",
        "frames": {"a": 3, "b": 4},
        "command": "python it",
        "rows": rows,
        "tuned": {"SORT": {}},
    }


@pytest.fixture
def figures(benchmark: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))  # the script imports its neighbour
    return benchmark("figures")


@pytest.fixture
def files(tmp_path: Path, figures: ModuleType) -> tuple[Path, Path]:
    results, page = tmp_path / "tracking.json", tmp_path / "page.md"
    results.write_text(json.dumps([result(HOTA)]))
    page.write_text(f"before\n{figures.BEGIN}\nold\n{figures.END}\nafter\n")
    return results, page


def test_the_best_of_each_kind(figures: ModuleType) -> None:
    """The best peer with tuned thresholds need not be the best at its defaults."""
    assert figures.figures([result(HOTA)], ["SORT", "OC-SORT"]).splitlines()[:4] == [
        "|  | best peer | best peer, tuned | gnntrack, online | gnntrack, offline | boxes as detected |",
        "|---|---|---|---|---|---|",
        "| DanceTrack, 2 videos | OC-SORT 45.0 (7) | SORT 52.0 (7) | 60.0 (7) | 61.3 (7) | 59.5 / 60.5 |",
        "",
    ]


def test_peers_that_were_not_tuned_leave_a_dash(figures: ModuleType) -> None:
    rows = {name: value for name, value in HOTA.items() if "tuned" not in name}
    text = figures.figures([result(rows) | {"tuned": {}}], ["SORT", "OC-SORT"])
    assert "| OC-SORT 45.0 (7) | – | 60.0 (7) |" in text


def test_data_sets_stand_in_the_order_of_their_names(figures: ModuleType) -> None:
    results = [result(HOTA) | {"dataset": name} for name in ("mot15", "dancetrack")]
    rows = figures.figures(results, ["SORT"]).splitlines()[2:4]
    assert [row.split(",")[0] for row in rows] == ["| DanceTrack", "| MOT15"]


def test_a_data_set_has_one_row(figures: ModuleType) -> None:
    """A set in two files of results: the last one counts, and its command alone is named."""
    results = [result(HOTA) | {"command": name} for name in ("python all", "python alone")]
    text = figures.figures(results, ["SORT", "OC-SORT"])
    assert text.count("| DanceTrack") == 1
    assert ("`python alone`" in text, "`python all`" in text) == (True, False)


@pytest.mark.parametrize("missing", ["gnntrack, offline", "tuned"])
def test_a_missing_row_is_an_error(figures: ModuleType, missing: str) -> None:
    rows = {name: value for name, value in HOTA.items() if missing not in name}
    with pytest.raises(DataError, match=f"no row of .*{missing}"):
        figures.figures([result(rows)], ["SORT", "OC-SORT"])


def test_only_what_is_between_the_comments_changes(figures: ModuleType, files: tuple[Path, Path]) -> None:
    _, page = files
    assert figures.update(page, "new")
    text = page.read_text()
    assert text == f"before\n{figures.BEGIN}\n\nnew\n\n{figures.END}\nafter\n"
    assert not figures.update(page, "new")
    assert page.read_text() == text


@pytest.mark.parametrize("text", ["", "{0}", "{1} {0}", "{0} {0} {1}", "{0} {1} {1}"])
def test_comments_must_be_there_once(figures: ModuleType, tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text.format(figures.BEGIN, figures.END))
    with pytest.raises(DataError, match="no place"):
        figures.update(page, "new")


def test_check_writes_nothing_and_tells(
    figures: ModuleType, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    results, page = files
    command = ["figures.py", str(page), "--results", str(results)]
    old = page.read_text()
    monkeypatch.setattr(sys, "argv", [*command, "--check"])
    with pytest.raises(SystemExit, match=r"out of date: .*page\.md"):  # a message: exit code 1
        figures.main()
    assert page.read_text() == old
    monkeypatch.setattr(sys, "argv", command)
    figures.main()
    assert "| 60.0 (7) | 61.3 (7) |" in page.read_text()
    monkeypatch.setattr(sys, "argv", [*command, "--check"])
    figures.main()
    results.write_text(results.read_text().replace("61.26", "62.26"))
    with pytest.raises(SystemExit, match="out of date"):
        figures.main()


def test_the_pages_have_a_place(figures: ModuleType, tmp_path: Path) -> None:
    for path in figures.PAGES:
        copy = tmp_path / path.name
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        assert figures.update(copy, "not what is there")
