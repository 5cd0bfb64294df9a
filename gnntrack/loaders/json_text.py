"""JSON: parsed after its nesting was counted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.loaders.text import read_bytes

#: Lists and objects within each other; annotation files have about six, checkpoints about thirty.
DEEPEST = 100
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
_STRING = re.compile(rb'"[^"]*"?')


def parse_json(data: bytes | str, path: str | Path | None = None, deepest: int = DEEPEST) -> Any:
    """The value that a JSON text holds.

    Args:
        data: the text, as UTF-8 if bytes.
        path: the file that it stands in, for the error.
        deepest: how far lists and objects may be nested.

    Raises:
        DataError: it is not JSON, is nested too deeply, or holds a number of thousands of digits.

    Example:
        >>> parse_json('{"a": [1, 2.5]}')
        {'a': [1, 2.5]}
        >>> parse_json("[" * 100_000)
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: nested 100000 deep; at most 100 is read
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    depth = _depth(raw)
    if depth > deepest:
        raise DataError(f"nested {depth} deep", remedy=f"at most {deepest} is read", path=path)
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON: {error.msg}", remedy="check the file", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        reason = str(error).split(":")[0].split(";")[0]
        raise DataError(f"not usable JSON: {reason[:80]}", remedy="check the file", path=path) from None


def read_json(path: Path, deepest: int = DEEPEST) -> Any:
    """The value in a JSON file.

    Raises:
        DataError: it is missing, unreadable or no JSON that :func:`parse_json` takes.
    """
    return parse_json(read_bytes(path), path, deepest)


def _depth(data: bytes) -> int:
    """How far brackets are nested, those in strings left out; in linear time and mostly at the speed of C."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = data.translate(None, _ALL_BUT_BRACKETS).replace(b'""', b"")
    if b'"' in brackets:
        brackets = _STRING.sub(b"", brackets)
    steps = np.frombuffer(brackets, dtype=np.uint8)
    opening = (steps == ord("[")) | (steps == ord("{"))
    return int(np.cumsum(np.where(opening, np.int32(1), np.int32(-1)), dtype=np.int32).max(initial=0))
