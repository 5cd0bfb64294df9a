"""Mutation score: how many small wrong changes of the code the tests notice.

Each mutant changes one constant, comparison, sign, index or bound of one function; the tests that call that function
are run against it, quickest first, until one fails. Everything happens in forked children of one process that has
imported all libraries. Compiled functions run as plain Python (``NUMBA_DISABLE_JIT=1``), or each mutant would have to
be compiled.

    python benchmarks/mutants.py map --out map.json       # which tests call which function, and for how long
    python benchmarks/mutants.py run --map map.json --out mutants.json --count 200 --seed 0

``--chosen FILE`` takes the mutants of an earlier result, found again by their text, so that two states of the tests (or
of the modules' names: ``--moved``) are measured by the same mutants.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

os.environ["NUMBA_DISABLE_JIT"] = "1"
ROOT = Path.cwd()
#: Where mutants are looked for, as far as the folders are there.
SOURCES = ("losses", "graphs", "tracking", "association", "relinking", "smoothing")
TESTS = tuple(f"tests/{name}" for name in SOURCES)
#: Seconds of computing, not of waiting: for one test, in plain Python (slower ones are left out), for the tests of a
#: mutant, and until it is taken for caught, as it does not end.
TEST_LIMIT, BUDGET, LIMIT = 4.0, 12.0, 40
COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
COMPUTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
BOUNDS = ("min", "max", "minimum", "maximum")
CUTS = ("clip", "clamp")


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        file: from the root.
        function: its qualified name; empty: the module itself, or a default of an argument.
        line: of the change, from 1.
        before: that line, stripped.
        after: the changed expression.
        kind: of change.
        number: among the changes of equal lines of the file.
    """

    file: str
    function: str
    line: int
    before: str
    after: str
    kind: str
    number: int

    @property
    def key(self) -> str:
        """What stays the same when lines move."""
        return f"{self.before}|{self.kind}|{self.after}|{self.number}"


def changes(tree: ast.AST) -> Iterator[tuple[ast.AST, str, str, Any]]:
    """Nodes that may be changed: node, qualified name of the function, kind, and what is put in place of it."""

    def visit(node: ast.AST, name: tuple[str, ...], inside: str, names: list[str]) -> Iterator[Any]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                whole = ".".join((*name, child.name))
                for default in (*child.args.defaults, *(d for d in child.args.kw_defaults if d is not None)):
                    yield from _here(default, inside, names)
                    yield from visit(default, name, inside, names)
                local = sorted({n.id for n in ast.walk(child) if isinstance(n, ast.Name) and _is_index(child, n.id)})
                for statement in child.body:
                    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                        continue
                    yield from visit(statement, (*name, child.name, "<locals>"), inside or whole, local)
            elif isinstance(child, ast.ClassDef):
                yield from visit(child, (*name, child.name), inside, names)
            elif not isinstance(child, (ast.arg, ast.JoinedStr, ast.Raise)):
                if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                    continue
                yield from _here(child, inside, names)
                if isinstance(child, ast.AnnAssign):
                    if child.value is not None:
                        yield from _here(child.value, inside, names)
                        yield from visit(child.value, name, inside, names)
                    continue
                yield from visit(child, name, inside, names)

    yield from visit(tree, (), "", [])


def _is_index(function: ast.AST, name: str) -> bool:
    """Whether a name stands alone as an index somewhere in a function."""
    return any(
        isinstance(n, ast.Subscript) and any(isinstance(part, ast.Name) and part.id == name for part in _parts(n.slice))
        for n in ast.walk(function)
    )


def _parts(index: ast.expr) -> list[ast.expr]:
    return list(index.elts) if isinstance(index, ast.Tuple) else [index]


def _here(node: ast.AST, inside: str, names: list[str]) -> Iterator[tuple[ast.AST, str, str, Any]]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        other = node.value + 1 if type(node.value) is int else node.value * 0.6 if node.value else 0.1
        yield node, inside, "constant", ast.Constant(other)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        yield node, inside, "comparison", ast.Compare(node.left, [COMPARED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield node, inside, "operator", ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield node, inside, "sign", node.operand
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        for place, part in enumerate(_parts(node.slice)):
            if isinstance(part, ast.Name) and part.id in names and len(names) > 1:
                other = ast.Name(names[(names.index(part.id) + 1) % len(names)], ast.Load())
                parts = [*_parts(node.slice)]
                parts[place] = other
                index = ast.Tuple(parts, ast.Load()) if isinstance(node.slice, ast.Tuple) else other
                yield node, inside, "index", ast.Subscript(node.value, index, ast.Load())
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in BOUNDS and len(node.args) == 2 and not isinstance(node.args[0], ast.Starred):
            yield node, inside, "bound", node.args[0]
        elif name in CUTS and isinstance(node.func, ast.Attribute):
            yield node, inside, "bound", node.func.value


def mutants_of(file: Path, source: str) -> Iterator[tuple[Mutant, str]]:
    """Every mutant of a file, with its whole source."""
    tree = ast.parse(source)
    lines = source.splitlines()
    seen: dict[str, int] = {}
    for node, function, kind, new in changes(tree):
        line = node.lineno  # type: ignore[attr-defined]
        before = lines[line - 1].strip()
        if line != node.end_lineno:  # type: ignore[attr-defined]
            continue
        text = lines[line - 1].encode()
        start, stop = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        after = ast.unparse(ast.fix_missing_locations(new))
        changed = (text[:start] + f"({after})".encode() + text[stop:]).decode()
        whole = "\n".join([*lines[: line - 1], changed, *lines[line:]]) + "\n"
        key = f"{before}|{kind}|{after}"
        seen[key] = seen.get(key, -1) + 1
        yield Mutant(str(file), function, line, before, after, kind, seen[key]), whole


def all_mutants() -> list[tuple[Mutant, str]]:
    """Every mutant of the sources."""
    found = []
    for folder in SOURCES:
        for file in sorted((ROOT / "gnntrack" / folder).rglob("*.py")):
            found += list(mutants_of(file.relative_to(ROOT), file.read_text(encoding="utf-8")))
    return found


def warm() -> None:
    """Imports what all tests need, but nothing of ours."""
    sys.path.insert(0, str(ROOT))
    for name in ("numba", "torch", "torch_geometric.data", "scipy.optimize", "scipy.sparse.csgraph", "scipy.spatial"):
        importlib.import_module(name)
    for name in ("pandas", "pydantic", "hypothesis", "pytest", "networkx", "lightning.pytorch", "safetensors.torch"):
        importlib.import_module(name)


class Recorder:
    """A pytest plugin: which functions each test calls, and how long it takes."""

    def __init__(self) -> None:
        self.calls: dict[str, list[str]] = {}
        self.seconds: dict[str, float] = {}
        self._seen: set[tuple[str, str]] = set()
        self._spent = 0.0

    def _profile(self, frame: Any, event: str, _: Any) -> None:
        if event == "call" and "/gnntrack/" in frame.f_code.co_filename:
            self._seen.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        """Watches the test itself, not its fixtures."""
        self._seen = set()
        signal.signal(signal.SIGPROF, _too_slow)
        begun = time.process_time()
        sys.setprofile(self._profile)
        signal.setitimer(signal.ITIMER_PROF, TEST_LIMIT)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            sys.setprofile(None)
            self._spent = time.process_time() - begun

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keeps what passed."""
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = self._spent
            for file, function in self._seen:
                name = f"{file.partition('/gnntrack/')[2]}::{function.partition('.<locals>')[0]}"
                self.calls.setdefault(name, []).append(report.nodeid)


def _too_slow(*unused: Any) -> None:
    raise TimeoutError("too slow without compilation")


def quiet() -> None:
    """Nothing of what tests print is wanted."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def make_map(out: Path) -> None:
    """Runs all tests once."""
    warm()
    recorder = Recorder()
    folders = [folder for folder in TESTS if (ROOT / folder).is_dir()]
    pytest.main([*folders, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"], plugins=[recorder])
    out.write_text(json.dumps({"calls": recorder.calls, "seconds": recorder.seconds}), encoding="utf-8")


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


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source."""

    def __init__(self, name: str, file: Path, source: str) -> None:
        self.name, self.file, self.source = name, file, source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Ours, or nobody's."""
        if fullname != self.name:
            return None
        package = [str(self.file.parent)] if self.file.name == "__init__.py" else None
        spec = importlib.util.spec_from_loader(fullname, self, origin=str(self.file), is_package=package is not None)
        assert spec is not None
        spec.submodule_search_locations = package
        return spec

    def exec_module(self, module: Any) -> None:
        """The changed source."""
        module.__file__ = str(self.file)
        exec(compile(self.source, str(self.file), "exec"), module.__dict__)


def caught(mutant: Mutant, source: str, tests: list[str]) -> str:
    """``caught``, ``survived``, ``time`` (it does not end: caught) or ``untested`` (no test calls it)."""
    if not tests:
        return "untested"
    child = os.fork()
    if child == 0:
        quiet()
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        name = mutant.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        sys.meta_path.insert(0, _Changed(name, ROOT / mutant.file, source))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
        try:
            code = int(pytest.main([*tests, *options]))
        except BaseException:
            code = 3
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "time"
    return {0: "survived", 5: "untested"}.get(os.WEXITSTATUS(status), "caught")


def choose(found: list[tuple[Mutant, str]], options: argparse.Namespace) -> list[tuple[Mutant, str]]:
    """A sample, or the mutants of an earlier result found again."""
    if options.chosen is None:
        other = None if options.common is None else _keys(json.loads(options.common.read_text(encoding="utf-8")))
        moved = _moved(options.moved)
        if other is not None:
            found = [(m, s) for m, s in found if (moved.get(m.file, m.file), m.key) in other]
        return random.Random(options.seed).sample(found, min(options.count, len(found)))
    moved = _moved(options.moved)
    known = {(mutant.file, mutant.key): (mutant, source) for mutant, source in found}
    wanted = [Mutant(**entry["mutant"]) for entry in json.loads(options.chosen.read_text(encoding="utf-8"))["mutants"]]
    keys = [(moved.get(mutant.file, mutant.file), mutant.key) for mutant in wanted]
    lost = [key for key in keys if key not in known]
    if lost:
        print(f"{len(lost)} mutants are not there any more, for one {lost[0]}")
    return [known[key] for key in keys if key in known]


def _keys(listed: list[list[str]]) -> set[tuple[str, str]]:
    return {(file, key) for file, key in listed}


def _moved(path: Path | None) -> dict[str, str]:
    return {} if path is None else json.loads(path.read_text(encoding="utf-8"))


def run(options: argparse.Namespace) -> None:
    """Tries every chosen mutant and writes the result after each."""
    table = json.loads(options.map.read_text(encoding="utf-8"))
    chosen = choose(all_mutants(), options)
    warm()
    results: list[dict[str, Any]] = []
    for mutant, source in chosen:
        begun = time.monotonic()
        verdict = caught(mutant, source, tests_of(mutant, table))
        results.append({"mutant": asdict(mutant), "verdict": verdict, "seconds": round(time.monotonic() - begun, 1)})
        tally = {
            name: sum(r["verdict"] == name for r in results) for name in ("caught", "time", "survived", "untested")
        }
        options.out.write_text(json.dumps({"tally": tally, "mutants": results}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(tally))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["map", "run", "list"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chosen", type=Path)
    parser.add_argument("--common", type=Path, help="list of another state: only mutants that it has too are drawn")
    parser.add_argument("--moved", type=Path, help="JSON object: file there, by file here")
    options = parser.parse_args()
    if options.what == "map":
        make_map(options.out)
    elif options.what == "list":
        keys = [[mutant.file, mutant.key] for mutant, _ in all_mutants()]
        options.out.write_text(json.dumps(keys), encoding="utf-8")
    else:
        run(options)


if __name__ == "__main__":
    main()
