"""``--workers`` and its kin as a user types them."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading

import pytest

from gnntrack.tasks import cluster
from tests.tasks.conftest import scheduler  # noqa: F401 (a fixture)
from tests.tasks.test_engine import Ended


def test_a_failure_is_listed_and_the_others_are_done(gnntrack, root, weights, tmp_path):
    path = root / "A" / "det" / "det.txt"
    good = path.read_text()
    path.write_text(good + "3,1,5,5,0,9,1\n")
    command = ["track", "data", "--weights", weights, "-o", "out"]
    done = gnntrack(*command)
    assert done.code == 1
    assert done.out == "out/B.txt: " + done.out.partition(": ")[2]
    first, last = done.err.splitlines()[1:]
    assert first.startswith("failed: data/A/det/det.txt:17: box is [x y w h] 5 5 0 9; ")
    assert last == "error: 1 of 2 sequences failed; the tracks of the others are there"
    assert gnntrack(*command, "--fail-fast", "--overwrite").code == 2
    path.write_text(good)
    done = gnntrack(*command, "--resume")
    assert (done.code, done.out.splitlines()[0]) == (0, "out: 1 of 2 files are finished")


#: Every verb by the sequence, and what it says is there of the others.
BY_SEQUENCE = {
    "track": (["track", "data", "-o", "out"], "the tracks of the others are there"),
    "draw": (
        ["draw", "good", "--tracks", "results", "-o", "out", "--to", "png"],
        "the drawings of the others are there",
    ),
    "eval, annotations": (["eval", "--gt", "data", "--pred", "good"], "mend them, or leave them out: no scores"),
    "eval, results": (["eval", "--gt", "good", "--pred", "results"], "mend them, or leave them out: no scores"),
    "mot": (["convert", "data", "-o", "out", "--to", "mot"], "mend them, or leave them out: no files"),
    "kitti": (["convert", "data", "-o", "out", "--to", "kitti"], "mend them, or leave them out: no files"),
    "coco": (["convert", "data", "-o", "out", "--to", "coco"], "mend them, or leave them out: no files"),
    "graphs": (["convert", "data", "-o", "out"], "mend them, or leave them out: no graphs"),
}


@pytest.fixture
def one_of_three(root):
    """A third sequence, C, whose boxes cannot be read; ``good`` holds it as it was, ``results`` tracks likewise."""
    shutil.copytree(root / "B", root / "C")
    shutil.copytree(root, root.parent / "good")
    (root.parent / "results").mkdir()
    for path in root.glob("?/gt/gt.txt"):
        shutil.copy(path, root.parent / "results" / f"{path.parts[-3]}.txt")
    for path in (root / "C" / "gt" / "gt.txt", root / "C" / "det" / "det.txt", root.parent / "results" / "C.txt"):
        path.write_text("1,1,5,5,nan,9,1,1,1\n")
    return root


@pytest.mark.parametrize("case", BY_SEQUENCE)
def test_one_of_several_that_fails_is_exit_code_1(gnntrack, one_of_three, weights, case):
    command, what = BY_SEQUENCE[case]
    command = [*command, "--weights", weights] if case == "track" else command
    runs = [[], ["--resume"]] if case in ("track", "draw", "mot") else [[]]
    for more in runs:
        done = gnntrack(*command, *more)
        failed, last = done.err.splitlines()[-2:]
        assert (done.code, last) == (1, f"error: 1 of 3 sequences failed; {what}")
        assert failed.startswith("failed: ") and "C" in failed and " is nan; " in failed
    if case in ("track", "draw"):
        assert done.out.splitlines()[0].endswith("2 of 3 files are finished")
    done = gnntrack(*command, "--fail-fast", *(["--resume"] if case in ("track", "draw") else []))
    assert done.code == 2 and done.err.splitlines()[-1].startswith("error: ") and " is nan; " in done.err


@pytest.mark.parametrize("case", BY_SEQUENCE)
def test_the_only_one_that_fails_is_exit_code_2(gnntrack, one_of_three, weights, case):
    command, _ = BY_SEQUENCE[case]
    command = [*command, "--weights", weights] if case == "track" else command
    done = gnntrack(*command, "--sequence", "C")
    assert done.code == 2 and done.err.splitlines()[-1].startswith("error: ") and " is nan; " in done.err


def test_all_that_fail_are_told_in_one_run(gnntrack, one_of_three):
    (one_of_three / "B" / "gt" / "gt.txt").write_text("1,1,5,5,inf,9,1,1,1\n")
    for command in (["eval", "--gt", "data", "--pred", "good"], ["convert", "data", "-o", "out", "--to", "coco"]):
        done = gnntrack(*command)
        assert [line.partition(" is ")[2][:3] for line in done.err.splitlines()[-3:-1]] == ["inf", "nan"]
        assert (done.code, "2 of 3 sequences failed" in done.err) == (1, True)


def test_check_stops_at_the_first_problem_if_told(gnntrack, root):
    for name in "AB":
        path = root / name / "det" / "det.txt"
        path.write_text(path.read_text() + "3,1,5,5,0,9,1\n")
    done = gnntrack("check", "data")
    assert (done.code, done.out.count("box is [x y w h] 5 5 0 9")) == (2, 2)
    done = gnntrack("check", "data", "--fail-fast")
    assert (done.code, done.out.count("box is [x y w h] 5 5 0 9")) == (2, 1)
    assert "stopped at the first sequence with problems; 1 not checked" in done.out
    assert done.err == "error: data: 1 problem; they are listed above\n"


def test_on_a_cluster(gnntrack, root, weights, scheduler):  # noqa: F811
    assert gnntrack("track", "data", "--weights", weights, "-o", "here").code == 0
    done = gnntrack("track", "data", "--weights", weights, "-o", "there", "--scheduler", scheduler)
    assert done.code == 0, done.err
    for path in (root.parent / "here").iterdir():
        assert (root.parent / "there" / path.name).read_bytes() == path.read_bytes()
    scored = ["eval", "--gt", "data", "--pred", "there", "--json"]
    assert gnntrack(*scored, "--scheduler", scheduler).out == gnntrack(*scored).out
    assert gnntrack("check", "data", "--scheduler", scheduler).out.startswith("data: mot")


REFUSED = {
    "a cluster that is not there": (["--scheduler", "tcp://127.0.0.1:9"], "tcp://127.0.0.1:9 cannot be reached; check"),
    "no address": (["--scheduler", "here"], "--scheduler 'here'; give its address"),
    "no port": (["--scheduler", "tcp://h:99999"], "--scheduler 'tcp://h:99999'; its port is a number from 1 to 65535"),
    "port 0": (["--scheduler", "tcp://h:0"], "--scheduler 'tcp://h:0'; its port is a number from 1 to 65535"),
    "both": (["--scheduler", "tcp://127.0.0.1:9", "--workers", "2"], "--workers 2 with --scheduler; leave one out"),
    "no size": (["--workers", "2", "--memory", "big"], "--memory 'big'; give a size, such as 500MB or 2GB"),
    "both again": (["--resume", "--overwrite"], "--resume with --overwrite; leave one of them out"),
    "a video": (["--detector", "boxes.txt", "--workers", "2"], "are for boxes, not for --detector; leave them out"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(gnntrack, root, weights, monkeypatch, case):
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    arguments, message = REFUSED[case]
    done = gnntrack("track", "data", "--weights", weights, "-o", "out", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err and done.err.count("\n") == 1
    assert not (root.parent / "out").exists()


def test_a_referee_works_alone(gnntrack, root):
    done = gnntrack("eval", "--gt", "data", "--pred", "data", "--referee", "trackeval", "--workers", "2")
    assert done.code == 2
    assert "--referee with --workers" in done.err


def test_without_dask_one_line_says_what_to_install(gnntrack, root, weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "gnntrack.tasks.cluster")
    done = gnntrack("track", "data", "--weights", weights, "-o", "out", "--scheduler", "tcp://127.0.0.1:9")
    assert (done.code, done.err) == (
        2,
        "error: gnntrack track needs dask (distributed), which is not installed; pip install 'gnntrack[cluster]'\n",
    )


@pytest.mark.parametrize(
    "command",
    [["convert", "data", "--to", "csv"], ["synth", "--sequences", "2", "--objects", "2", "--frames", "5"]],
    ids=["convert", "synth"],
)
def test_resume_after_a_run_that_ended(gnntrack, root, command):
    done = gnntrack(*command, "-o", "out", "--resume")
    assert (done.code, "finished before" in done.out) == (0, False), done.err
    done = gnntrack(*command, "-o", "out", "--resume")
    assert (done.code, "finished before" in done.out) == (0, True)
    done = gnntrack(*command, "-o", "out")
    assert (done.code, "output exists" in done.err) == (2, True)
    done = gnntrack(*command, "-o", "out", "--resume", "--overwrite")
    assert (done.code, "--resume with --overwrite; leave one of them out" in done.err) == (2, True)


def test_graphs_go_on_in_any_case(gnntrack, root):
    assert gnntrack("convert", "data", "-o", "out", "--resume").code == 0
    done = gnntrack("convert", "data", "-o", "out", "--resume", "--overwrite")
    assert (done.code, "--resume with --overwrite" in done.err) == (2, True)


COMMANDS = {
    "track": ["track", "data"],
    "convert": ["convert", "data", "--to", "csv"],
    "graphs": ["convert", "data"],
    "synth": ["synth", "--sequences", "2", "--objects", "2", "--frames", "5"],
}


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_full_disk_on_a_worker_is_one_line(gnntrack, root, weights, scheduler, monkeypatch, verb):  # noqa: F811
    real = os.fsync

    def full(descriptor):
        if threading.current_thread() is not threading.main_thread():  # the worker is a thread here
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    more = ["--weights", weights] if verb == "track" else []
    done = gnntrack(*COMMANDS[verb], *more, "-o", "out", "--scheduler", scheduler)
    assert done.code == 2
    assert "cannot write: No space left on device" in done.err.splitlines()[-1]
    assert "out" in done.err.splitlines()[-1]
    assert not [line for line in done.err.splitlines()[:-1] if "rror" in line]
    assert not (root.parent / "out").exists()  # what others still write lies hidden, and the next run clears it


VERBS = {
    "check": (["check", "data"], 2, "1 unreadable"),
    "graphs": (["convert", "data", "-o", "out"], 1, "1 of 4 sequences failed; mend them, or leave them out: no graphs"),
    "synth": (
        ["synth", "--sequences", "2", "--objects", "2", "--frames", "5", "-o", "out"],
        1,
        "1 of 2 sequences failed; mend them, or leave them out: no scenes",
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_ends_its_workers_does_not_stop_the_others(gnntrack, root, scheduler, monkeypatch, verb):  # noqa: F811
    real = cluster.Cluster._outcome

    def outcome(self, future, number, task):
        return real(self, Ended() if number == 0 else future, number, task)

    monkeypatch.setattr(cluster.Cluster, "_outcome", outcome)
    command, code, text = VERBS[verb]
    done = gnntrack(*command, "--scheduler", scheduler)
    assert (done.code, text in done.out + done.err) == (code, True), done.err
    assert "5 workers ended while they did it" in done.out + done.err
    done = gnntrack(*command, "--scheduler", scheduler, "--fail-fast")
    assert (done.code, done.err.count("error: ")) == (2, 1)


@pytest.mark.parametrize(("wanted", "code"), [([], 1), (["--sequence", "A"], 2)])
def test_a_sequence_that_ends_its_workers(gnntrack, root, weights, scheduler, monkeypatch, wanted, code):  # noqa: F811
    real = cluster.Cluster._outcome

    def outcome(self, future, number, task):
        if "settings" in task and task["about"].endswith("A"):  # when it is tracked
            future = Ended()
        return real(self, future, number, task)

    monkeypatch.setattr(cluster.Cluster, "_outcome", outcome)
    done = gnntrack("track", "data", "--weights", weights, "-o", "out", "--scheduler", scheduler, *wanted)
    assert done.code == code
    assert "A: 5 workers ended while they did it; give them more memory, or see what ends them" in done.err
    assert (root.parent / "out" / "B.txt").exists() == (code == 1)
