"""Every page of results says which command made it: a script that is there, with options that it knows."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, blocks, commands
from tests.docs.scripts import only_parse

RESULTS = ROOT / "benchmarks" / "results"
PAGES = sorted(path.stem for path in RESULTS.glob("*.md"))


def commands_of(text: str) -> list[list[str]]:
    """The commands of ``benchmarks`` that a page names: in a line, or in a block."""
    inline = re.findall(r"`((?:\w+=\S+ )?python benchmarks/[^`]+)`", text)
    found = commands("\n".join([*inline, *(block.text for block in blocks(text, "sh"))]))
    return [words[1:] for words in found if words[0] == "python"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_the_command_that_made_it(page, monkeypatch):
    found = commands_of((RESULTS / f"{page}.md").read_text(encoding="utf-8"))
    assert found
    for words in found:
        only_parse(words, monkeypatch)


@pytest.mark.parametrize("words", [["benchmarks/speed.py", "--fast"], ["benchmarks/nothing.py"]])
def test_a_command_that_is_none_is_noticed(words, monkeypatch):
    with pytest.raises((SystemExit, FileNotFoundError)):
        only_parse(words, monkeypatch)
