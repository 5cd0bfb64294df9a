"""Breaking files: bytes, lines, cells and values changed at random."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

#: What people's files, and attackers', have held.
NASTY = (
    b"nan", b"NaN", b"inf", b"-inf", b"1e309", b"1e30", b"-1", b"0", b"-0", b"1.5", b"2000000000", b"1000000000000",
    b"9" * 400, b"1_000", b"0x1F", b"", b" ", b"abc", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xc3\x28", b"null",
    b"true", b"[]", b"{}", b'""', b'"', b"'", b"../x", b"/etc/passwd", b"\r", b"\n", b"\t", b";", b",", b",,", b"#",
    b"1e-320", b"\xe2\x80\xa8", b"\x85", b"\x1c", b"\xc2\xa0", b"%s", b"[Sequence]", b"=", b":", b"--", b"\\ud800",
    b"\\u0000", b"9007199254740993", b"-9223372036854775809", b"18446744073709551616", b"1e18", b"+5", b".5", b"5.",
    b"DontCare",
)  # fmt: skip
_SEPARATORS = b',; \t\n:"[]{}='


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """One to four changes of a file."""
    for _ in range(rng.integers(1, 5)):
        data = _CHANGES[rng.integers(len(_CHANGES))](data, rng)
    return data


def _flip(data: bytes, rng: np.random.Generator) -> bytes:
    """A byte becomes another."""
    if not data:
        return data
    at = int(rng.integers(len(data)))
    return data[:at] + bytes([int(rng.integers(256))]) + data[at + 1 :]


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    """The end is lost."""
    return data[: int(rng.integers(len(data) + 1))]


def _drop(data: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes are lost."""
    at = int(rng.integers(len(data) + 1))
    return data[:at] + data[at + int(rng.integers(1, 20)) :]


def _insert(data: bytes, rng: np.random.Generator) -> bytes:
    """Something nasty comes in between."""
    at = int(rng.integers(len(data) + 1))
    return data[:at] + NASTY[rng.integers(len(NASTY))] + data[at:]


def _cell(data: bytes, rng: np.random.Generator) -> bytes:
    """A cell, key or value becomes something nasty."""
    edges = [at for at, byte in enumerate(data) if byte in _SEPARATORS]
    if len(edges) < 2:
        return data
    which = int(rng.integers(len(edges) - 1))
    return data[: edges[which] + 1] + NASTY[rng.integers(len(NASTY))] + data[edges[which + 1] :]


def _repeat(data: bytes, rng: np.random.Generator) -> bytes:
    """A line comes twice, or the lines change places."""
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join([*lines, lines[0]])


def _separator(data: bytes, rng: np.random.Generator) -> bytes:
    """One separator becomes another everywhere."""
    old, new = (_SEPARATORS[rng.integers(4)] for _ in range(2))
    return data.replace(bytes([old]), bytes([new]))


_CHANGES = (_flip, _cut, _drop, _insert, _insert, _cell, _cell, _cell, _repeat, _separator)


def mutate_file(path: Path, data: bytes, rng: np.random.Generator) -> bytes:
    """Changes of a file of this kind: of any of its bytes, or of its header alone, so that more is read of it."""
    if path.suffix == ".safetensors" and rng.random() < 0.8:
        return _safetensors(data, rng)
    if path.suffix == ".npy" and rng.random() < 0.8:
        header = mutate(data[10 : 10 + int.from_bytes(data[8:10], "little")].rstrip(), rng)[:60_000]
        return data[:8] + len(header).to_bytes(2, "little") + header + data[10 + int.from_bytes(data[8:10], "little") :]
    if len(data) > 3000:  # long files: a part of them
        start = int(rng.integers(len(data) - 2000))
        return data[:start] + mutate(data[start : start + 2000], rng) + data[start + 2000 :]
    return mutate(data, rng)


def _safetensors(data: bytes, rng: np.random.Generator) -> bytes:
    """Changes the header's text, a text inside its metadata, or the numbers of tensors."""
    end = 8 + int.from_bytes(data[:8], "little")
    header, body = data[8:end], data[end:]
    kind = rng.random()
    if kind < 0.35:
        header = mutate(header, rng)
    elif kind < 0.85:
        content = json.loads(header)
        texts = content.get("__metadata__", {})
        key = sorted(texts)[rng.integers(len(texts))]
        texts[key] = mutate(texts[key].encode(), rng).decode("utf-8", "replace")
        header = json.dumps(content).encode()
    else:
        wrong = np.frombuffer(body, dtype="<f4").copy() if len(body) % 4 == 0 else np.zeros(0, "<f4")
        for _ in range(rng.integers(1, 5)):
            if len(wrong):
                wrong[rng.integers(len(wrong))] = _WRONG[rng.integers(len(_WRONG))]
        body = wrong.tobytes() or body
    return len(header).to_bytes(8, "little") + header + body


_WRONG = (np.nan, np.inf, -np.inf, 1e38, -1.0, 0.0, 1e9, 1e-45)
