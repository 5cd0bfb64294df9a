"""Compiled loops: they run with and without a cache, and old machine code never runs for new source."""

from __future__ import annotations

import importlib
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core.bytecode import FunctionIdentity
from numba.core.caching import FunctionCache, IndexDataCacheFile

from gnntrack import compiled as module
from gnntrack.compiled import compiled, fingerprint, unkept

HELPERS = """
from toy.compiled import compiled
LIMIT, PAIR = 0.25, (1.0, 2.0)

@compiled
def helper(x, factor=3.0):
    return factor * x + LIMIT + PAIR[0]
"""
USER = """
from toy.compiled import compiled
from toy import helpers
from toy.helpers import LIMIT, helper

@compiled
def user(x):
    return helper(x) + later(x) + LIMIT + helpers.LIMIT

@compiled
def later(x):
    return 100.0 * x
"""
FIRST = 3.0 + 0.25 + 1.0 + 100.0 + 0.25 + 0.25  # user(1.0)


def shares(values: np.ndarray) -> np.ndarray:
    return values / values.sum()


class Toy:
    """A package of two modules with this project's decorator, imported anew after every edit."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "toy"
        self.package.mkdir()
        (self.package / "__init__.py").touch()
        shutil.copy(module.__file__, self.package / "compiled.py")
        self.helpers, self.user = self.package / "helpers.py", self.package / "user.py"
        self.helpers.write_text(HELPERS)
        self.user.write_text(USER)

    def edit(self, old: str, new: str) -> None:
        assert old in self.helpers.read_text()
        self.helpers.write_text(self.helpers.read_text().replace(old, new))

    def start(self):
        """The function as a new process finds it."""
        for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        return importlib.import_module("toy.user").user


@pytest.fixture
def toy(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two edits within a second look alike to Python itself
    yield Toy(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
        del sys.modules[name]


def test_division_by_zero_is_numpy_s():
    assert math.isnan(compiled(shares)(np.zeros(2))[0])


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("factor * x", "factor * x + 10.0", 10.0),  # a helper in another module
        ("LIMIT, PAIR = 0.25", "LIMIT, PAIR = 1.25", 3.0),  # a constant, used three times
        ("(1.0, 2.0)", "(5.0, 2.0)", 4.0),  # inside a tuple, only the helper's
        ("factor=3.0", "factor=4.0", 1.0),  # a default
    ],
)
def test_what_was_edited_in_another_module_runs(toy, old, new, change):
    assert toy.start()(1.0) == FIRST
    toy.edit(old, new)
    edited = toy.start()
    assert edited(1.0) == FIRST + change
    assert not edited.stats.cache_hits


def test_a_second_process_does_not_compile(toy):
    assert toy.start()(1.0) == FIRST
    show = "from toy.user import user as u; print(u(1.0), sum(u.stats.cache_hits.values()), len(u.stats.cache_misses))"
    command, folder = [sys.executable, "-c", show], toy.package.parent
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(FIRST), "1", "0"]


def test_symbols_of_two_processes_never_share_a_number(toy):
    """numba counts from 1 in each, and what two caches hold under one name finds each other's constants."""
    numbers = set()
    for _ in range(3):
        toy.start()  # imports the decorator anew, as a process does
        numbers.add(next(FunctionIdentity._unique_ids) >> 20)
    assert len(numbers) == 3


def test_edits_elsewhere_keep_the_cache(toy):
    assert toy.start()(1.0) == FIRST
    toy.edit("LIMIT, PAIR", "# a remark\nLIMIT, PAIR")
    toy.user.write_text(USER + "\nUNUSED = 3\n")
    again = toy.start()
    assert again(1.0) == FIRST
    assert sum(again.stats.cache_hits.values()) == 1


def test_files_that_were_cut_off_are_compiled_anew(toy):
    assert toy.start()(1.0) == FIRST
    for path in [*(toy.package / "__pycache__").glob("*.nb[ci]")]:
        path.write_bytes(path.read_bytes()[:40])
    assert toy.start()(1.0) == FIRST


def test_where_no_cache_can_be_written_it_works_all_the_same(monkeypatch):
    def no_place(*_):
        raise RuntimeError("cannot cache function 'shares': no locator available")

    monkeypatch.setattr(FunctionCache, "__init__", no_place)
    monkeypatch.setattr(module, "_unkept", [])
    np.testing.assert_array_equal(compiled(shares)(np.array([1.0, 3.0])), [0.25, 0.75])
    assert unkept() == str(Path(__file__).parent)


def test_where_nothing_is_compiled_the_function_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    assert compiled(shares) is shares


def test_where_the_disk_is_full_it_works_all_the_same(monkeypatch):
    tried = []

    def full(*_):
        tried.append(True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(IndexDataCacheFile, "load", lambda *_: None)
    monkeypatch.setattr(IndexDataCacheFile, "save", full)
    monkeypatch.setattr(module, "_unkept", [])
    np.testing.assert_array_equal(compiled(shares)(np.array([1.0, 3.0])), [0.25, 0.75])
    assert tried and unkept() == str(Path(__file__).parent / "__pycache__")


def test_fingerprints_are_the_same_in_every_process():
    """An address in one would make the cache useless, and so would a set: every process shows it in another order."""
    functions, names = [], "relinking.tracklets smoothing.features association.compiled_network relinking.online"
    for name in [*names.split(), "models.fused_activations", "models.fused_messages"]:
        values = vars(importlib.import_module(f"gnntrack.{name}")).values()
        functions += [value for value in values if hasattr(value, "py_func")]
    assert len(functions) > 15
    for function in functions:
        assert not [part for part in module._parts(function, set()) if " at 0x" in part]
        assert not [option for option in function.targetoptions.values() if isinstance(option, set)]
    assert fingerprint(functions[0]) != fingerprint(functions[1])
