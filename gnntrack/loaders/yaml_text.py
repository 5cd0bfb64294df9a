"""YAML: plain values only, no aliases, no deep nesting, and no value that is not what it looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from gnntrack.errors import DataError
from gnntrack.loaders.text import read_text
from gnntrack.showing import shown

#: Bytes of a file, and lists and mappings within each other; ours have two thousand bytes and four levels.
LARGEST, DEEPEST = 64 * 1024, 30
_NUMBERS, LONGEST_NUMBER = {"int", "float", "timestamp"}, 100
_KINDS = {"null", "bool", "str", "seq", "map", *_NUMBERS}


class _Refused(yaml.YAMLError):  # type: ignore[misc]
    """What this loader does not take, and where it stands."""

    def __init__(self, problem: str, problem_mark: Any) -> None:
        super().__init__(problem)
        self.problem, self.problem_mark = problem, problem_mark


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """PyYAML's safe loader without what makes small files large."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuses aliases, and what is nested too deeply, before it is built."""
        if self.check_event(yaml.AliasEvent):
            raise _Refused("an alias; recipes are plain YAML: write the value out", self.peek_event().start_mark)
        if self.depth >= DEEPEST:
            raise _Refused(f"nested more than {DEEPEST} deep", self.peek_event().start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Every value is of a plain kind, and is what its tag, or its look, says."""
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind not in _KINDS:
            raise _Refused(f"a value of kind {shown(kind)}", node.start_mark)
        if kind in _NUMBERS and len(node.value) > LONGEST_NUMBER:
            raise _Refused(f"{shown(node.value)} is no {kind}: it has {len(node.value)} characters", node.start_mark)
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception:  # PyYAML's constructors raise whatever Python raises for a text that they cannot read
            raise _Refused(f"{shown(node.value)} is no {kind}", node.start_mark) from None

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        """Keys are texts, and each stands once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise _Refused("a key that is no text", key.start_mark)
            if key.value in seen:
                raise _Refused(f"key {shown(key.value)} stands twice", key.start_mark)
            seen.add(key.value)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


def read_yaml(path: Path) -> Any:
    """The value in a YAML file.

    Raises:
        DataError: it is missing, too large, or no plain YAML: tags, aliases, keys that stand twice and values that are
            not what they look like are refused.
    """
    return parse_yaml(read_text(path, LARGEST), path)


def as_yaml(content: Any) -> str:
    """Plain values as YAML that can be read again, keys in their order.

    Example:
        >>> print(as_yaml({"name": "a", "bounds": [0.5, 2.0]}))
        name: a
        bounds: [0.5, 2.0]
        <BLANKLINE>
    """
    text: str = yaml.safe_dump(content, sort_keys=False, width=110, allow_unicode=True, default_flow_style=None)
    return text


def parse_yaml(text: str, path: Path | None = None) -> Any:
    """The value of a YAML text, as :func:`read_yaml` takes it.

    Args:
        text: YAML.
        path: where it comes from; None: from no file.

    Example:
        >>> parse_yaml("60 frames"), parse_yaml("[0.5, 2.0]")
        ('60 frames', [0.5, 2.0])
    """
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        line = mark.line + 1 if mark is not None and path is not None else None
        raise DataError(str(problem)[:200], remedy="recipes are plain YAML", path=path, line=line) from None
