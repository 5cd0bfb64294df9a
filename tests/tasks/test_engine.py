"""Tasks are done once each, wherever; what is wrong with one is a part of its outcome."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path

import pytest

from gnntrack.errors import DataError, DataWarning, FailedTasksError, MachineError
from gnntrack.tasks import Failures, Problem, Workers, cluster, engine, opened, outcome
from gnntrack.tasks.outcome import attempt


def doubled(task):
    if task["number"] == 3:
        raise DataError("three", remedy="take four", path="a.txt", line=7)
    if task["number"] == 2:
        warnings.warn(DataWarning("two is even"), stacklevel=2)
    return 2 * task["number"]


def killed_once(task):
    """Ends its process in the middle of a file, the first time that it is called."""
    mark = Path(task["folder"]) / f"mark-{task['number']}"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def slow(task):
    time.sleep(task["seconds"])
    return task["seconds"]


TASKS = [{"number": number} for number in range(6)]


def results(workers, work=doubled, tasks=TASKS):
    with opened(workers) as here:
        return {found.number: found for found in here.run(work, tasks)}


def test_every_task_has_one_outcome_here_and_on_a_cluster(scheduler):
    alone = results(Workers())
    assert {number: found.value for number, found in alone.items()} == {0: 0, 1: 2, 2: 4, 3: None, 4: 8, 5: 10}
    assert alone[3].problem == Problem("three", "take four", "a.txt", 7)
    assert str(alone[3].problem.error()) == "a.txt:7: three; take four"
    assert [str(notice) for notice in alone[2].notices] == ["two is even"]
    there = results(Workers(scheduler=scheduler))
    assert {number: repr(found) for number, found in there.items()} == {n: repr(found) for n, found in alone.items()}


def test_few_tasks_are_not_worth_other_processes(monkeypatch):
    """Two workers cost as much as one then."""
    monkeypatch.setitem(sys.modules, "gnntrack.tasks.cluster", None)  # an import of it would fail
    assert len(results(Workers(2))) == 6
    with opened(Workers(2)) as here, pytest.raises(ImportError):
        list(here.run(doubled, TASKS, seconds=2 * engine.SMALL))


@pytest.mark.parametrize(
    ("costs", "follows", "done_here"),
    [
        ([1.9, 0.1, 0.1, 0.1], 0, 4),  # the first one imports
        ([1.9, 0.1, 0.1, 0.1], 200, 2),  # other work comes after it
        ([30, 30, 30, 30], 0, 1),
        ([0.5, 9, 9, 9], 0, 2),
    ],
)
def test_other_processes_start_once_they_pay(monkeypatch, costs, follows, done_here):
    clock, begun = [0.0], []

    def work(task):
        clock[0] += task["cost"]
        begun.append(task["cost"])

    monkeypatch.setattr(engine.time, "process_time", lambda: clock[0])
    monkeypatch.setitem(sys.modules, "gnntrack.tasks.cluster", None)  # an import of it fails
    with opened(Workers(2)) as here, suppress(ImportError):
        list(here.run(work, [{"cost": cost} for cost in costs], follows=follows))
    assert len(begun) == done_here


def test_more_tasks_than_wait_at_the_cluster(scheduler):
    tasks = [{"seconds": number / 1e6} for number in range(40)]
    found = results(Workers(scheduler=scheduler), slow, tasks)
    assert {number: each.value for number, each in found.items()} == {n: n / 1e6 for n in range(40)}


@pytest.mark.parametrize(
    ("workers", "seconds", "begun"),
    [
        (Workers(2), 2 * engine.SMALL, 1),
        (Workers(2), 0.5 * engine.SMALL, 0),
        (Workers(), 2 * engine.SMALL, 0),
        (Workers(scheduler="tcp://a:1"), 2 * engine.SMALL, 0),
    ],
)
def test_processes_begin_to_import_where_they_will_pay(monkeypatch, workers, seconds, begun):
    found: list[str] = []
    monkeypatch.setattr(engine, "begin_to_import", found.append)
    with opened(workers) as here:
        here.soon(doubled, seconds)
    assert found == [doubled.__module__] * begun


def test_a_killed_process_is_replaced_and_its_task_done_again(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "SMALL", 0)
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    tasks = [{"folder": str(tmp_path), "number": number} for number in range(2)]
    (tmp_path / "mark-1").touch()
    found = results(Workers(2, memory="1GB"), killed_once, tasks)
    assert sorted(found) == [0, 1]
    assert all(each.problem is None and each.value != os.getpid() for each in found.values())


def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    message = r"the scheduler tcp://127.0.0.1:9 cannot be reached; check the address, or start it: dask scheduler"
    with pytest.raises(MachineError, match=message):
        results(Workers(scheduler="tcp://127.0.0.1:9"))


def test_another_version_on_a_worker_is_refused():
    found = attempt(doubled, 0, {"number": 1}, version="0.0.1")
    assert found.value is None and found.problem.of_machine
    assert found.problem.problem.endswith(", this is 0.0.1")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count": 0}, "0 workers; give 1 or more"),
        ({"memory": "much"}, "--memory 'much'; give a size, such as 500MB or 2GB"),
        ({"memory": "5MB"}, "--memory '5MB'; a worker needs 300MB"),
        ({"scheduler": "host"}, "--scheduler 'host'; give its address, such as tcp://host:8786"),
        ({"scheduler": "tcp://a:1", "count": 2}, "--workers 2 with --scheduler"),
        ({"scheduler": "tcp://a:1", "memory": "2GB"}, "--memory with --scheduler"),
    ],
)
def test_what_contradicts_itself_is_refused(wrong, message):
    with pytest.raises(DataError, match=message.replace("(", r"\(")):
        Workers(**wrong)


def test_failures_are_gathered_or_end_all():
    failed = outcome.Outcome(1, problem=Problem("a fault", path="b.txt"))
    full = outcome.Outcome(1, problem=Problem("no space left", of_machine=True))
    failures = Failures(3)
    assert failures.value(failed) is None
    with pytest.raises(MachineError, match="no space left"):
        failures.value(full)
    with pytest.raises(FailedTasksError, match="1 of 3 sequences failed; the tracks of the others are there") as end:
        failures.raise_any("tracks")
    assert [str(error) for error in end.value.errors] == ["b.txt: a fault"]
    all_of_them = Failures(2)
    for number in range(2):
        assert all_of_them.value(outcome.Outcome(number, problem=Problem("a fault", path="b.txt"))) is None
    with pytest.raises(FailedTasksError, match="2 of 2 sequences failed; mend them, or leave them out: no tracks"):
        all_of_them.raise_any("tracks")
    for alone in (Failures(1), Failures(3, fail_fast=True)):
        with pytest.raises(DataError, match=r"b.txt: a fault"):
            alone.value(failed)


class Ended:
    """A task whose workers ended, as Dask tells it."""

    status = "error"

    def exception(self):
        from distributed.scheduler import KilledWorker

        return KilledWorker("attempt-1", None, 4)


def test_a_task_that_ends_its_workers_says_what_it_is_about():
    found = cluster.Cluster(None, "here")._outcome(Ended(), 3, {"about": "data/B"})
    problem = "data/B: 5 workers ended while they did it; give them more memory, or see what ends them"
    assert (found.number, str(found.problem.error())) == (3, problem)
