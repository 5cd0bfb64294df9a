"""Small wrong changes of the code: one constant, comparison, sign, index or bound of one function each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path.cwd()
#: Where mutants are looked for, as far as the folders are there.
SOURCES = ("losses", "graphs", "tracking", "association", "relinking", "smoothing")
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
