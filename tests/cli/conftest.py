"""Runs the command line inside the test process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import torch

from gnntrack.cli import main
from gnntrack.models import (
    AssociationNetworkSettings,
    ModelRecipe,
    RelinkingStageSettings,
    build_model,
    save_weights,
)
from tests.relinking.test_tracklets import crossing


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


@pytest.fixture
def street(tmp_path):
    """A data set recipe of one video in which two people pass."""
    seen, person = crossing()
    folder = tmp_path / "street" / "pass"
    corner = seen[:, :2] - seen[:, 2:4] / 2
    for kind, tail in (("gt", ",1,1"), ("det", "")):
        (folder / kind).mkdir(parents=True)
        rows = np.column_stack([seen[:, 4], person, corner, seen[:, 2:4], np.ones(len(seen))])
        text = "".join(",".join(f"{value:g}" for value in row) + tail + "\n" for row in rows)
        (folder / kind / f"{kind}.txt").write_text(text)
    info = "[Sequence]\nname=pass\nseqLength=40\nframeRate=30\nimWidth=640\nimHeight=480\n"
    (folder / "seqinfo.ini").write_text(info)
    recipe = tmp_path / "street.yaml"
    recipe.write_text(f"root: {tmp_path / 'street'}\ntraining: ['*']\n")
    return recipe


@pytest.fixture
def association(tmp_path):
    """Weights of an untrained association network; little is trained."""
    torch.manual_seed(0)
    recipe = ModelRecipe(
        architecture=AssociationNetworkSettings(hidden=8, rounds=1),
        tracking={"births": {"score": 0.0}, "links": {"threshold": 0.1}},
        stages=(RelinkingStageSettings(clips=2, length=40, steps=3, batch_size=2),),
    )
    save_weights(tmp_path / "a.safetensors", build_model(recipe), recipe)
    return tmp_path / "a.safetensors"
