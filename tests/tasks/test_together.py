"""Tasks of which all must be done: their values in order, or all that failed."""

from __future__ import annotations

import pytest

from gnntrack.errors import DataWarning, FailedTasksError
from gnntrack.tasks import Engine, Outcome, Workers, all_values, opened
from gnntrack.tasks.outcome import attempt
from tests.tasks.test_engine import TASKS, doubled

SOUND = [task for task in TASKS if task["number"] != 3]


class Backwards(Engine):
    """As if many workers did it, and the last were the quickest."""

    def run(self, work, tasks, seconds=None, follows=0.0):
        return iter([attempt(work, number, task) for number, task in reversed(list(enumerate(tasks)))])


@pytest.fixture(params=[Engine, Backwards])
def engine(request):
    return request.param(Workers(), None)


def test_values_in_order(engine):
    with pytest.warns(DataWarning, match="two is even"):
        assert all_values(engine, doubled, SOUND, "doubling", "numbers") == [0, 2, 4, 8, 10]


def test_all_that_failed(engine):
    tasks = [{"number": 1}, {"number": 3}, {"number": 4}, {"number": 3, "last": True}]
    with pytest.raises(
        FailedTasksError, match="2 of 4 sequences failed; mend them, or leave them out: no numbers"
    ) as end:
        all_values(engine, doubled, tasks, "doubling", "numbers")
    assert [str(error) for error in end.value.errors] == ["a.txt:7: three; take four"] * 2


def test_an_engine_that_is_open_is_used_and_stays_open():
    said = []

    def progress(outcomes, total, what):
        said.append((what, total))
        return outcomes

    with opened(1, progress) as engine:
        for _ in range(2):
            with opened(engine) as same:
                assert same is engine
                assert all_values(same, len, [{"a": 1}], "counting", "lengths") == [1]
    assert said == [("counting", 1)] * 2
    assert Outcome(0, 3).got() == 3
