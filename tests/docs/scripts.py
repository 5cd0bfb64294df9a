"""Commands of ``benchmarks``, as far as they can be tested in no time: their options are parsed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import benchmark_module
from tests.docs.pages import ROOT


class Parsed(Exception):  # noqa: N818  (no error)
    """A script has understood its options."""


def only_parse(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a script of ``benchmarks`` parse its options, and no more.

    Args:
        words: its path from the root, and its arguments.
        monkeypatch: undoes what is changed for it.
    """
    parse = argparse.ArgumentParser.parse_args

    def stop(self: argparse.ArgumentParser, *arguments: Any) -> None:
        parse(self, *arguments)
        raise Parsed

    with monkeypatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")  # scripts import each other
        patch.setattr(argparse.ArgumentParser, "parse_args", stop)
        patch.setattr(sys, "argv", words)
        with pytest.raises(Parsed):
            benchmark_module(Path(words[0]).relative_to("benchmarks").with_suffix("").as_posix()).main()
