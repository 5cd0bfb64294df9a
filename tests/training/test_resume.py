"""A run that was stopped anywhere and resumed equals one that was not, bit for bit; and what stopping says."""

from __future__ import annotations

import os
import shutil
import signal
import time

import numpy as np
import pytest
import torch

from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings
from gnntrack.losses import build_loss
from gnntrack.models import (
    AssociationNetworkSettings,
    AssociationStageSettings,
    MessagePassingSettings,
    ModelRecipe,
    RelinkingStageSettings,
    SmoothingNetworkSettings,
    SmoothingStageSettings,
    TrackingSettings,
    TrackletNetworkSettings,
    WindowStageSettings,
    build_model,
    save_weights,
)
from gnntrack.training import (
    METRICS,
    WEIGHTS,
    RunOptions,
    relinking_training,
    rollout_training,
    smoothing_training,
    train,
)
from gnntrack.training.interruption import Interrupted, StopSignals
from gnntrack.training.run_state import CHECKPOINT, RunState
from tests.training.test_relinking_training import labelled as crossing
from tests.training.test_smoothing_training import TRACKING
from tests.training.test_smoothing_training import labelled as noisy_video

SMALL = AssociationNetworkSettings(hidden=8, rounds=1, dropout=0.2)
LIFE = TrackingSettings.model_validate(TRACKING)
WINDOWS = ModelRecipe(
    architecture=MessagePassingSettings(hidden=8, rounds=1, dropout=0.1),
    graph=GraphSettings(window=6, stride=2, max_gap=4),
    stages=(WindowStageSettings(epochs=3, batch_size=3, learning_rate=0.01),),
)
ROLLOUTS = ModelRecipe(
    architecture=SMALL,
    tracking=LIFE,
    stages=(
        AssociationStageSettings(epochs=2, batch_size=2, learning_rate=5e-3, steps=7, length=12, window=2, patience=5),
    ),
)
RELINKING = RelinkingStageSettings(
    network=TrackletNetworkSettings(hidden=4, rounds=1, members=2), clips=3, length=40, steps=5, batch_size=2
)
SMOOTHING = SmoothingStageSettings(network=SmoothingNetworkSettings(hidden=4), steps=5, batch_size=8)


class Stop(StopSignals):
    """As if a signal came when it was looked for the ``number``-th time."""

    left = 0

    def __init__(self, number):
        super().__init__()
        self.left = number

    @property
    def asked(self):
        self.left -= 1
        return self.left < 0

    @asked.setter
    def asked(self, value):
        pass


def windows(two_walkers, out, **options):
    items = [label_annotations(two_walkers)]
    return train(items, WINDOWS, build_loss("unitrack-learned"), out, RunOptions(progress=False, **options), items)


def rollouts(two_walkers, out, **options):
    items = [label_annotations(sample("TUD-Stadtmitte", "annotations")), label_annotations(two_walkers)]
    return train(items, ROLLOUTS, build_loss("unitrack"), out, RunOptions(progress=False, **options), items[1:])


def part(stage, items):
    """One of the stages that need a network that tracks; it begins from random weights."""

    def run(_, out, **options):
        recipe = ModelRecipe(architecture=SMALL, tracking=LIFE, stages=(stage,))
        start = out.parent / "start.safetensors"
        if not start.exists():
            torch.manual_seed(0)
            save_weights(start, build_model(recipe), recipe)
        return train(items, recipe, None, out, RunOptions(progress=False, start=start, **options), items)

    return run


def everything(_, out, **options):
    """All stages of an association model, from nothing; two of them train the same network."""
    first = ROLLOUTS.stages[0].model_copy(update={"epochs": 1, "loss": "softmax"})
    stages = (first, RELINKING, SMOOTHING, RELINKING.model_copy(update={"name": "again", "steps": 2}))
    items = [*crossing(), noisy_video()]
    recipe = ModelRecipe(architecture=SMALL, tracking=LIFE, stages=stages)
    return train(items, recipe, None, out, RunOptions(progress=False, **options), items[1:])


@pytest.fixture(
    params=[
        windows,
        rollouts,
        pytest.param(part(RELINKING, crossing()), id="relinking"),
        pytest.param(part(SMOOTHING, [noisy_video()]), id="smoothing"),
        everything,
    ]
)
def run(request, two_walkers, monkeypatch):
    """One kind of training, small; epochs of relinking and smoothing are three steps long."""
    monkeypatch.setattr(rollout_training, "FIRST_STEPS", 12)  # soon the network makes links
    monkeypatch.setattr(relinking_training, "EPOCH", 3)
    monkeypatch.setattr(smoothing_training, "EPOCH", 3)
    return lambda out, **options: request.param(two_walkers, out, **options)


def equal(one, other):
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def logs(run):
    """The logs of all stages."""
    return {path.parent.name: path.read_text() for path in run.glob(f"*/{METRICS}")}


def files(run):
    """Names of all files, and the bytes of weights."""
    found = [path for path in run.rglob("*") if path.is_file()]
    return {str(path.relative_to(run)): path.read_bytes() if path.name == WEIGHTS else b"" for path in found}


def test_stopped_anywhere_and_resumed(run, tmp_path, monkeypatch):
    """Stopped at the fifth look, again and again: within epochs, while validating, while data are prepared."""
    whole = run(tmp_path / "whole")
    from gnntrack.training import run_state

    monkeypatch.setattr(run_state, "StopSignals", lambda: Stop(4))
    stops = 0
    while True:
        try:
            resumed = run(tmp_path / "broken", resume=stops > 0)
            break
        except Interrupted:
            stops += 1
            assert not (tmp_path / "broken" / WEIGHTS).exists()
            assert stops < 100
    assert stops >= 3
    assert equal(whole, resumed)
    assert logs(tmp_path / "whole") and logs(tmp_path / "whole") == logs(tmp_path / "broken")
    assert files(tmp_path / "whole") == files(tmp_path / "broken")


def test_killed_between_checkpoints(run, tmp_path, monkeypatch):
    """Without a signal there is the last checkpoint that the clock called for: here, one after every fourth step."""
    whole = run(tmp_path / "whole")
    clock = iter(range(10**6))
    monkeypatch.setattr(time, "monotonic", lambda: 30.0 * next(clock))
    saves, save = [], RunState.save

    def killed(self, current):
        save(self, current)
        saves.append(current)
        if len(saves) == 4:
            shutil.copytree(tmp_path / "broken", tmp_path / "copy")

    monkeypatch.setattr(RunState, "save", killed)
    run(tmp_path / "broken")
    assert any(current is not None and current["step"] for current in saves)
    assert equal(whole, run(tmp_path / "copy", resume=True))


def test_a_signal_leaves_a_checkpoint(two_walkers, tmp_path, monkeypatch):
    """A real SIGTERM in the middle of an epoch; handlers are what they were afterwards."""
    from gnntrack.training.window_training import WindowTraining

    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    step, steps = WindowTraining.forward, []

    def interrupted(self, number):
        steps.append(number)
        if number == 1 and steps.count(1) == 2:  # of the second epoch
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(WindowTraining, "forward", interrupted)
        with pytest.raises(Interrupted):
            windows(two_walkers, tmp_path / "run")
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert (tmp_path / "run" / CHECKPOINT).is_file()
    assert equal(windows(two_walkers, tmp_path / "run", resume=True), windows(two_walkers, tmp_path / "whole"))


def test_another_run_does_not_resume(two_walkers, tmp_path):
    windows(two_walkers, tmp_path / "run", epochs=1)
    with pytest.raises(DataError, match=r"last\.safetensors: the checkpoint is of a run that differs in seed"):
        windows(two_walkers, tmp_path / "run", epochs=1, resume=True, seed=1)
    with pytest.raises(DataError, match="of a run that differs in epochs"):
        windows(two_walkers, tmp_path / "run", epochs=2, resume=True)
    moved = two_walkers.take(np.arange(len(two_walkers) - 1))
    with pytest.raises(DataError, match=r"of a run that differs in training\.[a-z]+\.0\.boxes; give the same"):
        windows(moved, tmp_path / "run", epochs=1, resume=True)
    items = [label_annotations(two_walkers)]
    options = RunOptions(progress=False, epochs=1, resume=True)
    with pytest.raises(DataError, match="of a run that differs in loss"):
        train(items, WINDOWS, build_loss("focal"), tmp_path / "run", options, items)


def test_a_stopped_run_is_not_forgotten_by_accident(two_walkers, tmp_path):
    windows(two_walkers, tmp_path / "run", epochs=1)
    (tmp_path / "run" / WEIGHTS).unlink()  # as if it had been stopped
    with pytest.raises(DataError, match=r"a run was stopped here; pass --resume to go on with it, --overwrite"):
        windows(two_walkers, tmp_path / "run", epochs=1)


def test_a_run_that_is_done_resumes_to_the_same(run, tmp_path):
    assert equal(run(tmp_path / "run"), run(tmp_path / "run", resume=True))
