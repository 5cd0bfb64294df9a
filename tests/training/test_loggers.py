"""Loggers beside our own log: they have its figures, go on where a run goes on, and what is missing is one line."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gnntrack.errors import DataError
from gnntrack.outputs.manifest import foreign, read_manifest
from gnntrack.training import METRICS, relinking_training, run_state
from gnntrack.training.interruption import Interrupted
from gnntrack.training.loggers import checked_loggers
from tests.training.test_relinking_training import labelled as crossing
from tests.training.test_resume import RELINKING, Stop, equal, part, windows


def scalars(folder):
    """Tag to steps and values, as TensorBoard shows them."""
    found = EventAccumulator(str(folder), purge_orphaned_data=True)
    found.Reload()
    return {tag: [(each.step, each.value) for each in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def figures(path):
    """Our log: tag to steps and values."""
    table = pd.read_csv(path)
    network = "" if "network" not in table else table["network"] + "/"
    return {
        f"{prefix}{tag}": list(rows[["step", tag]].dropna().itertuples(index=False))
        for prefix, rows in (table.groupby(network) if "network" in table else [("", table)])
        for tag in table.columns.drop(["step", "network"], errors="ignore")
    }


def assert_alike(found, expected):
    assert found.keys() == expected.keys()
    for tag, values in expected.items():
        assert [step for step, _ in found[tag]] == [step for step, _ in values], tag
        assert [value for _, value in found[tag]] == pytest.approx([value for _, value in values], rel=1e-6), tag


class Run:
    """A run of Weights & Biases, which keeps what it is told."""

    def __init__(self, settings):
        self.settings, self.rows, self.over = settings, [], False

    def log(self, row):
        self.rows.append(row)

    def finish(self):
        self.over = True


@pytest.fixture
def wandb(monkeypatch):
    """The parts of the package that Lightning's logger touches; ``runs`` are those that were begun."""
    module: Any = ModuleType("wandb")
    module.run, module.runs = None, []

    def init(**settings):
        module.runs.append(Run(settings))
        return module.runs[-1]

    module.init = init
    for name, held in (("sdk", {}), ("sdk.lib", {"RunDisabled": SimpleNamespace}), ("wandb_run", {"Run": int})):
        part: Any = ModuleType(f"wandb.{name}")
        vars(part).update(held)
        monkeypatch.setitem(sys.modules, f"wandb.{name}", part)
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.setattr("lightning.pytorch.loggers.wandb._WANDB_AVAILABLE", True)
    return module


def test_all_of_them_have_the_figures_of_our_log(two_walkers, wandb, tmp_path):
    plain = windows(two_walkers, tmp_path / "plain")
    logged = windows(two_walkers, tmp_path / "run", loggers=("csv", "tensorboard", "wandb"))
    assert equal(plain, logged)
    stage = tmp_path / "run" / "window"
    assert (stage / METRICS).read_text() == (tmp_path / "plain" / "window" / METRICS).read_text()
    expected = figures(stage / METRICS)
    assert len(expected["train/total"]) == 3
    assert_alike(scalars(stage / "tensorboard"), expected)
    assert_alike(figures(stage / "csv" / "metrics.csv"), expected)
    (run,) = wandb.runs
    assert run.over
    told = {tag: [(row["trainer/global_step"], row[tag]) for row in run.rows] for tag in expected}
    assert_alike(told, expected)
    assert (run.settings["name"], run.settings["group"], run.settings["project"]) == ("run/window", "run", "gnntrack")
    assert run.settings["config"]["epochs"] == 3
    assert foreign(tmp_path / "run", read_manifest(tmp_path / "run")) is None


def test_every_stage_and_network_by_name(two_walkers, tmp_path, monkeypatch):
    monkeypatch.setattr(relinking_training, "EPOCH", 3)
    part(RELINKING, crossing())(two_walkers, tmp_path / "run", loggers=("csv",))
    stage = tmp_path / "run" / "relinking"
    found = figures(stage / "csv" / "metrics.csv")
    tags = [f"network {number} of 2/{tag}" for number in (1, 2) for tag in ("epoch", "train/total", "validation/total")]
    assert sorted(found) == tags
    assert_alike(found, figures(stage / METRICS))


def test_a_run_that_goes_on_goes_on_in_its_logs(two_walkers, wandb, tmp_path, monkeypatch):
    """Stopped after the first epoch, killed after it has logged the second: each epoch stands there once."""
    loggers = ("csv", "tensorboard", "wandb")
    whole = windows(two_walkers, tmp_path / "whole", loggers=loggers)
    wandb.runs.clear()
    monkeypatch.setattr(run_state, "StopSignals", lambda: Stop(12))
    stops = 0
    while True:
        try:
            resumed = windows(two_walkers, tmp_path / "run", loggers=loggers, resume=stops > 0)
            break
        except Interrupted:
            stops += 1
    assert stops and equal(whole, resumed)
    stage = tmp_path / "run" / "window"
    expected = figures(tmp_path / "whole" / "window" / METRICS)
    assert_alike(scalars(stage / "tensorboard"), expected)
    assert_alike(figures(stage / "csv" / "metrics.csv"), expected)
    assert len({run.settings["id"] for run in wandb.runs}) == 1
    assert all(run.settings["resume"] == "allow" for run in wandb.runs)
    steps = [row["trainer/global_step"] for run in wandb.runs for row in run.rows]
    assert steps == [step for step, _ in expected["epoch"]]


def test_what_a_killed_run_had_logged_comes_once(two_walkers, tmp_path, monkeypatch):
    from gnntrack.training.loggers import StageLoggers

    rows = [{"epoch": number, "step": 5 * number + 5, "train/total": 1.0 / (number + 1)} for number in range(3)]
    before = StageLoggers(("tensorboard", "csv"), tmp_path, "window", {})
    before.log(rows[:1])
    before.log(rows[:2])  # and then it is killed, without the checkpoint that knows of the second
    after = StageLoggers(("tensorboard", "csv"), tmp_path, "window", {}, known=1)
    after.log(rows[:2])
    after.log(rows)
    after.close()
    for found in (scalars(tmp_path / "window" / "tensorboard"), figures(tmp_path / "window" / "csv" / "metrics.csv")):
        assert [step for step, _ in found["train/total"]] == [5, 10, 15]


def test_a_logger_that_comes_later_gets_all(two_walkers, tmp_path, monkeypatch):
    from gnntrack.training.loggers import StageLoggers

    rows = [{"epoch": number, "step": number + 1} for number in range(3)]
    late = StageLoggers(("tensorboard",), tmp_path, "window", {}, known=2)
    late.log(rows)
    late.close()
    assert [step for step, _ in scalars(tmp_path / "window" / "tensorboard")["epoch"]] == [1, 2, 3]


def test_loggers_by_name(monkeypatch):
    assert checked_loggers(["csv", "tensorboard", "csv"]) == ("csv", "tensorboard")
    with pytest.raises(DataError, match=r"no logger 'tensorbord'; did you mean 'tensorboard'\?"):
        checked_loggers(["tensorbord"])
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(DataError, match="--logger wandb needs wandb, which is not installed; pip install wandb"):
        checked_loggers(["wandb"])


def test_a_missing_package_is_said_before_anything_is_written(two_walkers, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(DataError, match="--logger wandb needs wandb"):
        windows(two_walkers, tmp_path / "run", loggers=("csv", "wandb"))
    assert not (tmp_path / "run").exists()
