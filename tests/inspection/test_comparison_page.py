"""The report of a comparison: it holds together, leads to the worst moments, and names in it are only text."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.evaluation.comparison import compare
from gnntrack.evaluation.errors import find_errors
from gnntrack.evaluation.report import score_all
from gnntrack.inspection.comparison_page import write_comparison_page
from gnntrack.inspection.moments import worst_moments
from gnntrack.inspection.plots import plot_wins
from gnntrack.inspection.plots.wins import draw_wins

NASTY = '<img src=x onerror="alert(1)">$x^2$'


@pytest.fixture(scope="module")
def results():
    """TUD-Campus twice under other names, as it was tracked, and without every third box."""
    truth, tracks = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")
    fewer = tracks.take(tracks.frames % 3 > 0)
    videos = {"a": replace(truth, name="a"), NASTY: replace(truth, name="b")}
    return {
        label: {name: (video, result) for name, video in videos.items()}
        for label, result in (("sample", tracks), (NASTY, fewer))
    }


@pytest.fixture(scope="module")
def comparison(results):
    return compare({label: score_all(pairs) for label, pairs in results.items()})


def test_moments_are_windows_with_most_errors():
    errors = find_errors(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
    moments = worst_moments({"a": errors}, most=2, span=10)
    counted = errors[errors["kind"] != "fragmentation"]
    weight = counted["kind"].map({"swap": 5, "switch_after_occlusion": 5, "temporal_inconsistency": 5}).fillna(1)
    totals = {first: weight[counted["frame"].between(first, first + 9)].sum() for first in range(1, 72)}
    best = moments[0]
    own = 5 * best.counts["idsw"] + best.counts["misses"] + best.counts["false_positives"]
    assert own == max(totals.values()) == totals[best.first]
    assert moments[1].first > best.last or moments[1].last < best.first
    assert worst_moments({"a": errors.iloc[:0]}) == []
    assert worst_moments({"a": errors}, most=1, span=1000)[0].last <= errors["frame"].max()


def test_report_links_into_pages_that_are_there(tmp_path, comparison, results):
    pages = write_comparison_page(tmp_path / "r.html", comparison, results, most=2)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]*)#frame=(\d+)"', text)
    assert len(links) == 4
    assert {tmp_path / unquote(link) for link, _ in links} == set(pages)
    assert all(page.is_file() for page in pages)
    assert "worst moments" in text.lower()
    assert "data:image/png;base64," in text
    for name in ("http://", "https://", "<script"):
        assert name not in text


def test_names_are_only_text(tmp_path, comparison, results):
    write_comparison_page(tmp_path / "r.html", comparison, results, most=1)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in text


def test_report_of_one_result_has_no_differences(tmp_path, results):
    comparison = compare({"sample": score_all(results["sample"])})
    write_comparison_page(tmp_path / "r.html", comparison, {"sample": results["sample"]}, most=1)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "difference" not in text
    assert "data:image" not in text


def test_wins_are_drawn(tmp_path, comparison, results):
    plot_wins(comparison, tmp_path / "wins.svg")
    assert (tmp_path / "wins.svg").stat().st_size > 5000
    (axes,) = draw_wins(comparison).axes
    assert axes.get_title(loc="left").endswith("against sample\n0 won, 2 lost")
    assert [bar.get_width() < 0 for bar in axes.patches] == [True, True]
    alone = compare({"sample": score_all(results["sample"])})
    with pytest.raises(DataError, match="one result has no wins and losses"):
        plot_wins(alone, tmp_path / "none.png")
