"""A page of results names the command that makes all of its figures."""

from __future__ import annotations

from tests.conftest import benchmark_module

WHOLE = "OMP_NUM_THREADS=1 python benchmarks/speed.py --root DATA --videos VIDEOS VIDEOS --rounds 2"


def written(tmp_path, monkeypatch, *options):
    """The first line of a page that held ``WHOLE`` before, after a run with these options."""
    pages = benchmark_module("result_pages")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("sys.argv", [str(pages.ROOT / "benchmarks" / "speed.py"), *options])
    page = tmp_path / "speed.md"
    page.write_text(f"`{WHOLE}`\n\nFast.\n")
    pages.write_page(page, "Faster.\n", "--parts")
    first, rest = page.read_text().split("\n", 1)
    assert rest == "\nFaster.\n"
    return first.strip("`")


def test_figures_that_stay_keep_the_options_that_made_them(tmp_path, monkeypatch):
    assert written(tmp_path, monkeypatch, "--rounds", "3", "--long", "500", "--parts", "stalls") == (
        "OMP_NUM_THREADS=1 python benchmarks/speed.py --rounds 3 --long 500 --root DATA --videos VIDEOS VIDEOS"
    )


def test_figures_that_are_all_new_have_their_own_command(tmp_path, monkeypatch):
    assert written(tmp_path, monkeypatch, "--rounds", "3") == (
        "OMP_NUM_THREADS=1 python benchmarks/speed.py --rounds 3"
    )
