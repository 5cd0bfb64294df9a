"""``gnntrack train --devices``: two processes with gloo give what one gives, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from gnntrack.training import METRICS
from gnntrack.training.checkpoint import load_state

#: No dropout: what it drops is drawn by each process for itself.
RECIPE = """\
architecture: {kind: association, hidden: 8, rounds: 2, dropout: 0.0}
tracking: {births: {score: 0.0}, links: {threshold: 0.1}, offline: {minimum_length: 1}}
stages:
  - {train: association, epochs: 2, steps: %d, batch_size: 3, length: 20, window: 2}
  - train: relinking
    clips: 3
    length: 40
    steps: 4
    batch_size: 3
    network: {members: 1, hidden: 4, dropout: 0.0}
  - {train: smoothing, steps: 4, batch_size: 9, copies: 0, network: {hidden: 4, dropout: 0.0}}
"""
#: An odd number of windows, so that the last batch of an epoch has fewer than there are processes.
WINDOWS = """\
architecture: {kind: message_passing, hidden: 8, rounds: 2, dropout: 0.0}
graph: {window: 12, stride: 4, max_gap: 4}
stages:
  - {train: window, epochs: 2, batch_size: 3}
  - {train: window, name: summed, loss: unitrack-paper, epochs: 2, batch_size: 2}
"""


@pytest.fixture
def arguments(street, tmp_path):
    """Gives the arguments of a training with so many association steps an epoch."""
    text = street.read_text().replace("['*']", "['*']\nvalidation: [also]")
    (tmp_path / "street" / "also").symlink_to(tmp_path / "street" / "pass")
    street.write_text(text)

    def make(out: str, steps: int = 5) -> list[str]:
        (tmp_path / f"{out}.yaml").write_text(RECIPE % steps)
        return ["train", "--recipe", f"./{out}.yaml", "--dataset", str(street), "-o", out]

    return make


def start(folder: Path, arguments: list[str]) -> subprocess.Popen[str]:
    """The command line in two processes, a thread each."""
    return subprocess.Popen(
        [sys.executable, "-m", "gnntrack.cli", *arguments, "--devices", "2"],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def curves(run: Path) -> dict[str, pd.DataFrame]:
    return {path.parent.name: pd.read_csv(path) for path in run.glob(f"*/{METRICS}")}


def close(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame], *stages: str) -> None:
    assert one.keys() == other.keys() == set(stages or ("association", "relinking", "smoothing"))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name], rtol=1e-4, atol=1e-4)


def test_two_processes_learn_what_one_learns(gnntrack, arguments, tmp_path):
    """The same curves, figures and validation of all stages; one process writes and speaks."""
    process = start(tmp_path, arguments("two"))
    one = gnntrack(*arguments("one"))
    assert one.code == 0, one.err
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    close(curves(tmp_path / "one"), curves(tmp_path / "two"))
    assert out == one.out.replace("one/", "two/")
    assert [line.partition(": loss")[0] for line in err.splitlines()] == [
        line.partition(": loss")[0] for line in one.err.splitlines()
    ]
    names = [sorted(path.relative_to(tmp_path / run) for path in (tmp_path / run).rglob("*")) for run in ("one", "two")]
    assert names[0] == names[1]


def test_two_processes_learn_windows_as_one_does(gnntrack, arguments, tmp_path):
    """The loss of each step is that of the whole batch: as its mean, and as a sum."""
    given = {name: arguments(name) for name in ("one", "two")}
    for name in given:
        (tmp_path / f"{name}.yaml").write_text(WINDOWS)
    process = start(tmp_path, given["two"])
    one = gnntrack(*given["one"])
    assert one.code == 0, one.err
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    close(curves(tmp_path / "one"), curves(tmp_path / "two"), "window", "summed")
    steps = [table["step"].tolist() for table in curves(tmp_path / "one").values()]
    assert all(len(counted) > 1 for counted in steps), steps


def test_a_process_is_killed_and_another_number_of_them_goes_on(gnntrack, arguments, tmp_path):
    """One line, exit code 2, and a checkpoint with which one process reaches what it reaches alone."""
    assert gnntrack(*arguments("whole", 40)).code == 0
    process = start(tmp_path, [*arguments("two", 40), "--checkpoint-every", "1"])
    checkpoint = tmp_path / "two" / "last.safetensors"
    while not (checkpoint.is_file() and (load_state(checkpoint)["current"] or {}).get("step")):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    (helper,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(helper), signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    remedy = "pass --resume to go on from the last checkpoint"
    assert err.splitlines()[-1] == f"error: process 2 of the training was ended by SIGKILL; {remedy}"
    assert err.count("error") == 1
    done = gnntrack(*arguments("two", 40), "--resume")
    assert done.code == 0, done.err
    assert "resumed after step" in done.err
    close(curves(tmp_path / "whole"), curves(tmp_path / "two"))


@pytest.mark.parametrize(
    ("options", "variables", "error"),
    [
        (["--devices", "0"], {}, "error: accelerator cpu, devices 0: "),
        (["--devices", "-1"], {}, "error: accelerator cpu, devices -1: "),
        (["--devices", "two"], {}, "error: accelerator cpu, devices two: "),
        (["--devices", "8", "--accelerator", "cuda"], {}, "error: accelerator cuda, devices 8: "),
        (["--devices", "9"], {}, "error: 9 processes share out batches of 8 (stage window)"),
        (["--strategy", "fsdp"], {}, "error: strategy 'fsdp'; take auto or ddp"),
        (["--nodes", "2"], {}, "error: 2 nodes, and no MASTER_ADDR; set MASTER_ADDR, MASTER_PORT and NODE_RANK"),
        (["--nodes", "2"], {"MASTER_ADDR": "a", "MASTER_PORT": "1"}, "error: 2 nodes, and no NODE_RANK; "),
        (["--nodes", "2"], {"MASTER_ADDR": "a", "MASTER_PORT": "x", "NODE_RANK": "0"}, "error: MASTER_PORT is 'x'; "),
        (["--nodes", "2"], {"MASTER_ADDR": "a", "MASTER_PORT": "1", "NODE_RANK": "2"}, "error: NODE_RANK is '2'; "),
    ],
)
def test_what_cannot_be(gnntrack, street, tmp_path, monkeypatch, options, variables, error):
    if "cuda" in options:
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = gnntrack("train", "--dataset", street, "-o", "run", *options)
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith(error)
    assert not (tmp_path / "run").exists()


def test_torchrun_and_the_options_disagree(gnntrack, street, tmp_path, monkeypatch):
    for name, value in {"TORCHELASTIC_RUN_ID": "a", "WORLD_SIZE": "4", "RANK": "0", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    done = gnntrack("train", "--dataset", street, "-o", "run")
    assert done.code == 2
    assert done.err.splitlines()[-1] == (
        "error: torchrun started 4 processes, and --devices and --nodes ask for 1; give both the same numbers"
    )
