"""Runs the command line inside the test process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from gnntrack.cli import main
from gnntrack.models import ModelRecipe, build_model, save_weights


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def gnntrack(monkeypatch, capsys, tmp_path) -> Callable[..., Done]:
    """``gnntrack("eval", "--gt", path)`` gives exit code, stdout and stderr; runs in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["gnntrack", *map(str, arguments)])
        with monkeypatch.context(), pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return Done(int(end.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def weights(tmp_path):
    """An untrained model's weights."""
    recipe = ModelRecipe.model_validate({"graph": {"window": 6, "stride": 2, "max_gap": 4}})
    save_weights(tmp_path / "w.safetensors", build_model(recipe), recipe)
    return tmp_path / "w.safetensors"


@pytest.fixture
def root(tmp_path):
    """Two short sequences, A and B, with annotations and detections of two people."""
    for name in "AB":
        folder = tmp_path / "data" / name
        rows = [
            f"{frame},{identity},{50 * identity + frame},{60 * identity},20,50,1"
            for frame in range(1, 9)
            for identity in (1, 2)
        ]
        for kind, tail in (("gt", ",1,1"), ("det", "")):
            (folder / kind).mkdir(parents=True)
            (folder / kind / f"{kind}.txt").write_text("".join(f"{row}{tail}\n" for row in rows))
        info = f"[Sequence]\nname={name}\nseqLength=8\nframeRate=25\nimWidth=640\nimHeight=480\n"
        (folder / "seqinfo.ini").write_text(info)
    return tmp_path / "data"
