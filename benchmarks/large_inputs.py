"""Files of almost a megabyte that are made to take long, with the place where each belongs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

MEGABYTE = 1_000_000


def large_files(root: Path) -> Iterator[tuple[str, str, Path, bytes]]:
    """Yields reader, name of the attack, path below the reader's folder of sound files, and content."""
    for reader, place in (("mot", "mot/scene/gt/gt.txt"), ("visdrone", "visdrone/annotations/scene.txt")):
        row = b"1,1,5,5,10,20,1,1,1,0\n"
        yield from _texts(reader, root / place, row)
    yield from _texts("kitti", root / "kitti/label_02/scene.txt", b"0 1 Car 0 0 0 5 5 15 25 1 1 1 1 1 1 1\n")
    yield from _texts("yolo", root / "yolo/scene/labels/000001.txt", b"0 .5 .5 .1 .1 1 1\n")
    seqmap = root / "kitti/evaluate_tracking.seqmap"
    yield "kitti", "seqmap of many lines", seqmap, b"".join(b"%d empty 0 9\n" % n for n in range(70_000))
    yield "kitti", "seqmap of blanks", seqmap, b"a" + b" " * MEGABYTE
    for name in ("seqinfo.ini", "labels.txt"):
        place = root / "yolo/scene" / name
        yield name, "blanks", place, b"[Sequence]\nse" + b" " * MEGABYTE + b"qLength=30\n"
        yield name, "sections", place, b"".join(b"[%d]\n" % n for n in range(120_000))
        yield name, "lines", place, b"[Sequence]\n" + b"a=1\n" * 200_000
    for reader, place in (("coco", "coco/annotations.json"), ("bdd100k", "bdd100k/labels/scene.json")):
        yield from _documents(reader, root / place)
    for kind in ("datasets", "models", "losses"):
        place = sorted((root / kind).iterdir())[0]
        for name, text in _recipes():
            yield f"recipe of {kind}", name, place, text
    yield "store", "index of brackets", root / "store/index.json", b"[" * MEGABYTE
    shard = {"file": "00000-00000-a.safetensors", "sequence": 0, "fingerprint": "", "first": 1, "last": 2}
    shards = [shard | {"windows": 1, "nodes": 1, "edges": 1}] * 6000
    index = json.loads((root / "store/index.json").read_text()) | {"shards": shards}
    yield "store", "index of the same shard", root / "store/index.json", json.dumps(index).encode()
    for reader, place in (("weights", "window.safetensors"), ("checkpoint", "last.safetensors")):
        for name, header in _headers():
            content = len(header).to_bytes(8, "little") + header + b"\0" * 8
            yield reader, name, root / place, content


def _texts(reader: str, place: Path, row: bytes) -> Iterator[tuple[str, str, Path, bytes]]:
    count = MEGABYTE // len(row)
    cells = row.replace(b",", b" ").split()
    separator = b"," if b"," in row else b" "
    last = separator.join([*cells[:-1], b"x"]) + b"\n"
    yield reader, "the same row", place, row * count
    yield reader, "all rows wrong", place, last * count
    yield reader, "the last row wrong", place, row * count + last
    yield (
        reader,
        "one row a frame",
        place,
        b"".join(separator.join([b"%d" % n, *cells[1:]]) + b"\n" for n in range(1, count // 2)),
    )
    yield (
        reader,
        "one identity a row",
        place,
        b"".join(separator.join([cells[0], b"%d" % n, *cells[2:]]) + b"\n" for n in range(1, count // 2)),
    )
    yield (
        reader,
        "frames far apart",
        place,
        b"".join(separator.join([b"%d" % (n * 10_000), *cells[1:]]) + b"\n" for n in range(1, count // 2)),
    )
    yield reader, "one long row", place, separator.join([b"1"] * (MEGABYTE // 2))
    yield reader, "one long number", place, b"1" * MEGABYTE
    yield reader, "blanks", place, b" " * MEGABYTE
    yield reader, "separators", place, row.strip() + separator * MEGABYTE
    yield reader, "line ends", place, row + b"\n" * MEGABYTE
    yield reader, "returns", place, row.replace(b"\n", b"\r") * count
    yield reader, "quotes", place, b'"' * MEGABYTE
    yield reader, "numbers of many digits", place, separator.join([b"9" * 4000] * len(cells)) + b"\n"
    yield reader, "nan", place, separator.join([b"nan"] * len(cells)) + b"\n"


def _documents(reader: str, place: Path) -> Iterator[tuple[str, str, Path, bytes]]:
    sound = json.loads(place.read_text())
    yield reader, "brackets", place, b"[" * MEGABYTE
    yield reader, "brackets in a text", place, b'["' + b"[" * MEGABYTE + b'"]'
    yield reader, "escapes", place, b'["' + b"\\\\" * (MEGABYTE // 2) + b'"]'
    yield reader, "digits", place, b"[" + b"1" * MEGABYTE + b"]"
    yield reader, "empty objects", place, b"[" + b"{}," * (MEGABYTE // 3) + b"{}]"
    yield reader, "a long key", place, json.dumps({"a" * (MEGABYTE - 10): 1}).encode()
    yield reader, "an element that is a text", place, json.dumps("a" * (MEGABYTE - 10)).encode()
    lists = {"annotations", "images", "videos"} if isinstance(sound, dict) else set()
    for key in sorted(lists):
        many = sound[key] * (MEGABYTE // max(len(json.dumps(sound[key])), 1))
        yield reader, f"many {key}", place, json.dumps(sound | {key: many}).encode()[:MEGABYTE]
        yield reader, f"{key} of another kind", place, json.dumps(sound | {key: [7] * 300_000}).encode()
        yield reader, f"{key} of nothing", place, json.dumps(sound | {key: [{}] * 200_000}).encode()
    if isinstance(sound, list):
        many = sound * (MEGABYTE // len(json.dumps(sound)))
        yield reader, "many frames", place, json.dumps(many).encode()
        yield reader, "frames of nothing", place, json.dumps([{"labels": [{}]}] * 40_000).encode()
        kinds = [{"frameIndex": 0, "labels": [{"category": str(n)} for n in range(40_000)]}]
        yield reader, "many classes", place, json.dumps(kinds).encode()


def _recipes() -> Iterator[tuple[str, bytes]]:
    size = 60_000
    yield "aliases", b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n + 1, n + 1, n, n) for n in range(97, 120))
    yield "brackets", b"description: " + b"[" * size
    yield "a long list", b"description: [" + b"1," * (size // 2) + b"1]\n"
    yield "keys", b"".join(b"a%d: 1\n" % n for n in range(size // 10))
    yield "a sexagesimal number", b"description: " + b"1:" * (size // 2) + b"1\n"
    yield "digits", b"description: " + b"1" * size + b"\n"
    yield "a long text", b"description: " + b"a " * (size // 2) + b"\n"
    yield "comments", b"#\n" * (size // 2)
    yield "indents", b"".join(b" " * n + b"a:\n" for n in range(300))
    yield "questions", b"? " * (size // 2)
    yield "dashes", b"- " * (size // 2)
    yield "too large", b"#" * MEGABYTE


def _headers() -> Iterator[tuple[str, bytes]]:
    entry = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    yield "brackets", b"[" * (MEGABYTE - 100)
    yield "brackets in metadata", json.dumps({"__metadata__": {"format": "[" * 900_000}}).encode()
    inner = json.dumps({"format": "gnntrack weights 1", "recipe": "[" * 900_000, "state": "[" * 50_000})
    yield "brackets in the recipe", b'{"__metadata__": ' + inner.encode() + b"}"
    inner = json.dumps({"format": "gnntrack weights 1", "recipe": '{"description": ' + "1" * 900_000 + "}"})
    yield "digits in the recipe", b'{"__metadata__": ' + inner.encode() + b"}"
    inner = json.dumps({"format": "gnntrack checkpoint 2", "state": json.dumps({"list": [{"list": []}] * 50_000})})
    yield "lists in the state", b'{"__metadata__": ' + inner.encode() + b"}"
    yield "many tensors", json.dumps({str(n): entry for n in range(14_000)}).encode()
    yield "a long shape", json.dumps({"a": entry | {"shape": [1] * 300_000}}).encode()
    yield "a long name", json.dumps({"a" * 900_000: entry}).encode()
