"""Tests against mutants, in forked children of one pytest session; compiled functions run as plain Python."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.runner import runtestprotocol
from mutant_changes import ROOT, SOURCES, Mutant

os.environ["NUMBA_DISABLE_JIT"] = "1"
TESTS = tuple(f"tests/{name}" for name in SOURCES)
#: Seconds of computing, not of waiting: for one test, in plain Python (slower ones are left out), for the tests of a
#: mutant, and until it is taken for caught, as it does not end.
TEST_LIMIT, BUDGET, LIMIT = 1.5, 4.0, 15.0


class Session:
    """A pytest plugin that, instead of running the tests, does something with the collected ones.

    Args:
        work: is given the tests by name.
    """

    def __init__(self, work: Callable[[dict[str, pytest.Item]], None]) -> None:
        self.work = work

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of the loop over tests."""
        self.work({item.nodeid: item for item in session.items})
        return True


def in_session(work: Callable[[dict[str, pytest.Item]], None]) -> None:
    """Collects the tests, which imports them and the code, and works on them."""
    sys.path.insert(0, str(ROOT))
    folders = [folder for folder in TESTS if (ROOT / folder).is_dir()]
    pytest.main([*folders, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"], plugins=[Session(work)])


def passes(item: pytest.Item) -> bool:
    """Runs one test with its fixtures, and takes them down again; warnings are not filtered as the suite has them."""
    reports = runtestprotocol(item, nextitem=None, log=False)
    return all(report.passed for report in reports)


def in_child(work: Callable[[], Any], limit: float) -> Any:
    """What work gives in a child of this process that may compute for so many seconds; None: it took longer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, limit)
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        content = answer.read()
    os.waitpid(child, 0)
    return json.loads(content) if content else None


def watched(item: pytest.Item) -> dict[str, Any]:
    """Whether a test passes, for how long it computes, and which of our functions it calls."""
    seen: set[tuple[str, str]] = set()

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call" and "/gnntrack/" in frame.f_code.co_filename:
            seen.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    begun = time.process_time()
    sys.setprofile(profile)
    passed = passes(item)
    sys.setprofile(None)
    names = {f"{file.partition('/gnntrack/')[2]}::{name.partition('.<locals>')[0]}" for file, name in seen}
    return {"passed": passed, "seconds": time.process_time() - begun, "calls": sorted(names)}


def make_map(out: Path) -> None:
    """Runs every test once, each in a child: fixtures are a part of what it costs."""

    def work(items: dict[str, pytest.Item]) -> None:
        calls: dict[str, list[str]] = {}
        seconds: dict[str, float] = {}
        slow: dict[str, int] = {}
        for name, item in items.items():
            file = name.partition("::")[0]
            found = None if slow.get(file, 0) >= 2 else in_child(lambda item=item: watched(item), TEST_LIMIT)
            if found is None:
                slow[file] = slow.get(file, 0) + 1
            elif found["passed"]:
                seconds[name] = found["seconds"]
                for function in found["calls"]:
                    calls.setdefault(function, []).append(name)
        left_out = len(items) - len(seconds)
        out.write_text(json.dumps({"calls": calls, "seconds": seconds, "left_out": left_out}), encoding="utf-8")

    in_session(work)


def tests_of(mutant: Mutant, table: dict[str, Any]) -> list[str]:
    """The tests to run, quickest first, as many as the budget holds."""
    module = mutant.file.removeprefix("gnntrack/")
    if mutant.function:
        tests = set(table["calls"].get(f"{module}::{mutant.function}", ()))
    else:
        tests = {test for name, called in table["calls"].items() if name.startswith(f"{module}::") for test in called}
    chosen, total = [], 0.0
    for test in sorted(tests, key=lambda test: (table["seconds"][test], test)):
        total += table["seconds"][test]
        if total > BUDGET:
            break
        chosen.append(test)
    return chosen


def put_in(mutant: Mutant, source: str) -> None:
    """Changes the imported code: the code of the functions of that file, and the constants that came out otherwise."""
    file = str(ROOT / mutant.file)
    name = mutant.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    module = sys.modules[name]
    code = compile(source, file, "exec")
    if mutant.function:
        new = {(c.co_qualname, c.co_firstlineno): c for c in _codes(code)}
        for function in [o for o in gc.get_objects() if isinstance(o, types.FunctionType)]:
            old = function.__code__
            if old.co_filename == file and (old.co_qualname, old.co_firstlineno) in new:
                function.__code__ = new[old.co_qualname, old.co_firstlineno]
        return
    fresh = types.ModuleType(name)
    fresh.__file__, fresh.__package__ = file, module.__package__
    exec(code, fresh.__dict__)
    for key, value in vars(fresh).items():
        old = vars(module).get(key)
        if isinstance(old, types.FunctionType) and isinstance(value, types.FunctionType):
            old.__defaults__, old.__kwdefaults__ = value.__defaults__, value.__kwdefaults__
        elif isinstance(old, (int, float, tuple, np.ndarray)) and not np.array_equal(old, value):
            for other in [m for m in sys.modules.values() if getattr(m, "__name__", "").startswith("gnntrack")]:
                if vars(other).get(key) is old:
                    setattr(other, key, value)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def verdict_of(mutant: Mutant, source: str, tests: list[pytest.Item]) -> str:
    """``caught``, ``time`` (it does not end: caught), ``survived``, or ``untested`` (no test calls it)."""
    if not tests:
        return "untested"

    def work() -> str:
        put_in(mutant, source)
        return "survived" if all(passes(item) for item in tests) else "caught"

    return in_child(work, LIMIT) or "time"
