"""Training that is stopped, or cannot write: one line, the right exit code, nothing torn."""

from __future__ import annotations

import os
import re
import resource
import shlex
import signal

import pytest
import torch
from safetensors.torch import load_file

from gnntrack.training.loop import _Fit
from gnntrack.training.stage import Stage
from tests.docs.layouts import mot

ARCHITECTURE = "architecture: {kind: association, hidden: 8, rounds: 1}\n"
STAGES = {
    "association": "{train: association, epochs: 2, batch_size: 2, length: 12, window: 2, steps: 4}",
    "relinking": "{train: relinking, clips: 1, steps: 6, length: 40, batch_size: 1, network: {members: 2, hidden: 4}}",
    "smoothing": "{train: smoothing, steps: 6, batch_size: 8, network: {hidden: 4}}",
}


def command_of(stage, street, association, out):
    """The arguments of a short training of one stage, and the weights that it writes."""
    model = ARCHITECTURE if stage == "association" else ""
    (out.parent / "quick.yaml").write_text(f"{model}stages: [{STAGES[stage]}]\n")
    start = [] if model else ["--start", str(association)]
    command = ["train", "--dataset", str(street), "--recipe", "./quick.yaml", *start, "-o", str(out)]
    return command, out / "weights.safetensors"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", STAGES)
def test_the_line_that_a_stopped_training_prints_goes_on(
    gnntrack, street, association, tmp_path, monkeypatch, stage, number
):
    """Stopped after the third step; the command of the line is run as it stands and gives the same weights."""
    whole, expected = command_of(stage, street, association, tmp_path / "whole")
    assert gnntrack(*whole).code == 0
    broken, weights = command_of(stage, street, association, tmp_path / "a run")
    steps, log = [], Stage.log

    def stopping(self, *arguments, **options):
        steps.append(1)
        if len(steps) == 3:
            os.kill(os.getpid(), number)
        log(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Stage, "log", stopping)
        done = gnntrack(*broken, "--overwrite")
    assert done.code == 130
    assert not weights.exists()
    last = done.err.splitlines()[-1]
    assert last.startswith("stopped; go on with: gnntrack ")
    command = shlex.split(last.removeprefix("stopped; go on with: "))
    assert "--overwrite" not in command and command[-1] == "--resume"
    again = gnntrack(*command[1:])
    assert again.code == 0, again.err
    assert "resumed after step 3" in again.err
    one, other = load_file(weights), load_file(expected)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    left = {str(path.relative_to(weights.parent)) for path in weights.parent.rglob("*.safetensors")}
    assert left == {"weights.safetensors", "last.safetensors"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_place_that_cannot_be_written(gnntrack, street, association, tmp_path, stage):
    (tmp_path / "file").write_text("mine")
    command, _ = command_of(stage, street, association, tmp_path / "out")
    command[command.index("-o") + 1] = str(tmp_path / "file" / "out")
    done = gnntrack(*command)
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith("error: ")
    assert "cannot write" in done.err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_to_learn_from_leaves_nothing(gnntrack, street, association, tmp_path, stage):
    (tmp_path / "street" / "pass" / "gt" / "gt.txt").write_text("1,1,5,5,9,9,1,1,1\n")
    command, weights = command_of(stage, street, association, tmp_path / "out")
    done = gnntrack(*command)
    assert done.code == 2
    assert not weights.parent.exists()


@pytest.mark.parametrize("stage", STAGES)
def test_a_disk_that_becomes_full(gnntrack, street, association, tmp_path, monkeypatch, stage):
    """From the second step on no file may grow beyond a few bytes; the checkpoint before it stays whole."""
    command, weights = command_of(stage, street, association, tmp_path / "out")
    checkpoint, before = weights.with_name("last.safetensors"), []
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    save = _Fit._save

    def full(self):
        if not before:
            save(self)
            before.append(checkpoint.read_bytes())
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        save(self)

    monkeypatch.setattr(_Fit, "_save", full)
    try:
        done = gnntrack(*command)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert done.code == 2
    assert done.err.splitlines()[-1] == f"error: {checkpoint}: cannot write: File too large; choose another output"
    assert checkpoint.read_bytes() == before[0]
    assert load_file(checkpoint)
    assert not weights.exists()
    assert not [path for path in weights.parent.rglob("*") if path.name.startswith(".")]


def test_weights_that_do_not_fit_on_the_disk(gnntrack, street, association, tmp_path, monkeypatch):
    """The run is done, its checkpoint too; --resume writes them once there is room."""
    command, weights = command_of("association", street, association, tmp_path / "out")
    from gnntrack.training import run

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    save = run.save_weights

    def full(*arguments):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            save(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

    with monkeypatch.context() as patch:
        patch.setattr(run, "save_weights", full)
        done = gnntrack(*command)
    assert (done.code, weights.exists()) == (2, False)
    assert done.err.splitlines()[-1].startswith(f"error: {weights}: cannot write: ")
    assert gnntrack(*command, "--resume").code == 0
    assert weights.is_file()


@pytest.mark.parametrize(
    ("stage", "score", "names", "epochs"),
    [
        ("association", r"validation HOTA \d+\.\d\d", ["association, "], 2),
        (
            "relinking",
            r"validation loss \d\S*",
            ["relinking, network 1 of 2, ", "relinking, network 2 of 2, "],
            1,
        ),
        (
            "smoothing",
            r"validation IoU 0\.\d{4} \(as detected: \d\.\d{4}\)",
            ["smoothing, offline, ", "smoothing, online, "],
            1,
        ),
    ],
)
def test_scores_are_told_epoch_by_epoch(gnntrack, street, association, tmp_path, stage, score, names, epochs):
    """The start's, every epoch's, and which weights are kept; on stderr, stdout is for the result."""
    look = tmp_path / "look.yaml"
    look.write_text(street.read_text().replace("training: ['*']", "training: []\nvalidation: ['*']"))
    command, _ = command_of(stage, street, association, tmp_path / "out")
    done = gnntrack(*command, "--dataset", look)
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1].startswith("wrote ")
    expected = [rf"stage 1 of 1: {stage} \(training videos: 1, validation videos: 1\)"]
    for name in names:
        expected.append(rf"{name}start: {score}")
        for epoch in range(1, epochs + 1):
            step = rf"{name}epoch {epoch}/{epochs}, step \d/\d: loss \d\S*"
            expected.append(rf"{step}, {score} \(best(: epoch \d)?\)")
        expected.append(rf"{name}kept the weights of epoch \d: {score} \(start: {score}\)")
    lines = [line for line in done.err.splitlines() if not line.startswith("weights: ")]
    assert len(lines) == len(expected), done.err
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(pattern, line), line


def held_out_run(tmp_path, association):
    """A short training from weights that is judged on a video that was held out."""
    mot(tmp_path / "own", "a", "b")
    (tmp_path / "quick.yaml").write_text(
        "stages: [{train: association, loss: softmax, epochs: 1, steps: 1, batch_size: 1, length: 20}]\n"
    )
    own = ["--dataset", tmp_path / "own", "--held-out", "b"]
    return ["train", "--start", association, "--recipe", "./quick.yaml", *own, "-o", "run"]


def test_resuming_what_is_finished_says_so(gnntrack, association, tmp_path, monkeypatch):
    """Nothing is trained, compared or drawn again."""
    command = held_out_run(tmp_path, association)
    assert gnntrack(*command).code == 0
    files = [path for path in (tmp_path / "run").rglob("*.*") if path.is_file() and path.suffix != ".manifest"]
    before = {path: path.read_bytes() for path in files}
    monkeypatch.setattr("gnntrack.bench.held_out.compare_weights", None)
    monkeypatch.setattr("gnntrack.inspection.plots.plot_training", None)
    done = gnntrack(*command, "--resume")
    assert (done.code, done.out) == (0, "run: finished before, with the same settings\n"), done.err
    assert before == {path: path.read_bytes() for path in files}
    other = gnntrack(*command, "--resume", "--seed", 7)
    assert other.code == 2 and "the checkpoint is of a run that differs in seed" in other.err


@pytest.mark.parametrize("missing", ["association/curves.png", "held-out.md"])
def test_resuming_writes_what_is_missing(gnntrack, association, tmp_path, missing):
    """Of a run that was killed once it had trained, or whose files were deleted."""
    command = held_out_run(tmp_path, association)
    assert gnntrack(*command).code == 0
    (tmp_path / "run" / missing).unlink()
    done = gnntrack(*command, "--resume")
    assert done.code == 0 and done.out.splitlines()[-1].startswith("wrote run/weights.safetensors"), done
    assert (tmp_path / "run" / missing).is_file()
