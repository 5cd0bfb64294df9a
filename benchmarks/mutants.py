"""Mutation score: how many small wrong changes of the code the tests notice.

Each mutant changes one constant, comparison, sign, index or bound of one function; the tests that call that function
are run against it, quickest first, until one fails. Everything happens in forked children of one pytest session, where
the code of the changed function is replaced. Compiled functions run as plain Python (``NUMBA_DISABLE_JIT=1``), or each
mutant would have to be compiled. What stands in the bodies of classes (bounds of settings) is not changed.

    python benchmarks/mutants.py map --out map.json       # which tests call which function, and for how long
    python benchmarks/mutants.py run --map map.json --out mutants.json --count 200 --seed 0

``--chosen FILE`` takes the mutants of an earlier result, found again by their text, so that two states of the tests (or
of the modules' names: ``--moved``) are measured by the same mutants.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import random
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.runner import runtestprotocol

os.environ["NUMBA_DISABLE_JIT"] = "1"
ROOT = Path.cwd()
#: Where mutants are looked for, as far as the folders are there.
SOURCES = ("losses", "graphs", "tracking", "association", "relinking", "smoothing")
TESTS = tuple(f"tests/{name}" for name in SOURCES)
#: Seconds of computing, not of waiting: for one test, in plain Python (slower ones are left out), for the tests of a
#: mutant, and until it is taken for caught, as it does not end.
TEST_LIMIT, BUDGET, LIMIT = 1.5, 4.0, 15.0
CAUGHT = ("caught", "time")
#: What the result was made with.
COMMANDS = (
    "M='python benchmarks/mutants.py'; MOVED='--moved moved.json'  # names of files after, by those before",
    "$M list --out before.json; $M map --out before-map.json       # at the state before",
    "$M run --map before-map.json --common after.json $MOVED --count 200 --seed 0 --out old.json",
    "$M list --out after.json; $M map --out after-map.json         # at the state after",
    "$M run --map after-map.json --chosen old.json $MOVED --out new.json",
    "$M report --before old.json --after new.json $MOVED --out benchmarks/results/mutants",
)
VERDICTS = ("caught", "time", "survived", "untested")
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
                methods = [part for part in child.body if isinstance(part, (ast.FunctionDef, ast.ClassDef))]
                yield from visit(ast.Module(methods, []), (*name, child.name), inside, names)
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

    def work(items: dict[str, pytest.Item]) -> None:
        results: list[dict[str, Any]] = []
        for mutant, source in chosen:
            tests = [items[name] for name in tests_of(mutant, table)]
            results.append(
                {"mutant": asdict(mutant), "verdict": verdict_of(mutant, source, tests), "tests": len(tests)}
            )
            tally = {name: sum(r["verdict"] == name for r in results) for name in VERDICTS}
            options.out.write_text(json.dumps({"tally": tally, "mutants": results}, indent=1) + "\n", encoding="utf-8")

    in_session(work)


def report(before: Path, after: Path, moved: dict[str, str], out: Path) -> None:
    """Both results as one file for programs and one for people.

    Mutants that were caught before are not tried again where ``after`` holds the others alone: the tests that caught
    them are still there.
    """
    old, new = (json.loads(path.read_text(encoding="utf-8"))["mutants"] for path in (before, after))
    again = {(entry["mutant"]["file"], Mutant(**entry["mutant"]).key): entry["verdict"] for entry in new}
    rows = []
    for entry in old:
        first = entry["verdict"]
        key = moved.get(entry["mutant"]["file"], entry["mutant"]["file"]), Mutant(**entry["mutant"]).key
        second = again.get(key, first if first in CAUGHT else "lost")
        rows.append({"mutant": entry["mutant"], "before": first, "after": second})
    rows = [row for row in rows if row["after"] != "lost"]
    count = len(rows)
    share = {when: sum(row[when] in CAUGHT for row in rows) / count for when in ("before", "after")}
    out.with_suffix(".json").write_text(
        json.dumps({"caught": share, "mutants": rows}, indent=1) + "\n", encoding="utf-8"
    )
    parts = sorted({row["mutant"]["file"].split("/")[1] for row in rows})
    lines = [
        "# Mutation score",
        "",
        f"{count} small wrong changes of `losses`, `graphs` and `tracking` (as folders were named), drawn with seed 0",
        "from those that both states of the code have: how many the tests notice, before and after the golden tests.",
        "",
        "| | mutants | caught before | caught after |",
        "|---|---|---|---|",
    ]
    for part in [*parts, "all"]:
        chosen = [row for row in rows if part in ("all", row["mutant"]["file"].split("/")[1])]
        cells = [sum(row[when] in CAUGHT for row in chosen) for when in ("before", "after")]
        lines.append(f"| {part} | {len(chosen)} | " + " | ".join(f"{n} ({n / len(chosen):.0%})" for n in cells) + " |")
    left = [row["mutant"] | {"verdict": row["after"]} for row in rows if row["after"] not in CAUGHT]
    lines += ["", f"Not caught ({len(left)}):", ""]
    lines += [f"- `{m['file']}:{m['line']}` `{m['before']}` → `{m['after']}` ({m['verdict']})" for m in left]
    lines += [
        "",
        "Before: the tests of commit 71ee209. The tests that call a mutant's function were tried quickest first, for",
        "four seconds of computing; what survived was tried again, for six, with the tests written since. Tests that",
        "take more than 1.5 s without compilation were left out. Some changes mean nothing: -1 or -2 for none, a",
        "bound that is never reached.",
        "",
    ]
    lines += ["How:", "", "```sh", *COMMANDS, "```", ""]
    out.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["map", "run", "list", "report"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chosen", type=Path)
    parser.add_argument("--common", type=Path, help="list of another state: only mutants that it has too are drawn")
    parser.add_argument("--moved", type=Path, help="JSON object: file there, by file here")
    parser.add_argument("--before", type=Path, help="result to report")
    parser.add_argument("--after", type=Path, help="likewise")
    options = parser.parse_args()
    if options.what == "report":
        report(options.before, options.after, _moved(options.moved), options.out)
    elif options.what == "map":
        make_map(options.out)
    elif options.what == "list":
        keys = [[mutant.file, mutant.key] for mutant, _ in all_mutants()]
        options.out.write_text(json.dumps(keys), encoding="utf-8")
    else:
        run(options)


if __name__ == "__main__":
    main()
