"""Packed text: read like plain text, within bounds."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from gnntrack.errors import DataError
from gnntrack.loaders import text
from gnntrack.loaders.text import read_bytes, read_start, read_text


def test_packed_text_reads_like_plain_text(tmp_path):
    path = tmp_path / "a.txt.GZ"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf1,2\r\n") + gzip.compress(b"3,4\n"))  # two members, as cat makes them
    assert read_text(path) == "1,2\n3,4\n"
    assert read_start(path, 5) == b"\xef\xbb\xbf1,"


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-6], lambda data: data[:12] + b"\xff" * 9, lambda data: b"1,2\n"]
)
def test_a_damaged_archive_is_one_line(tmp_path, damage):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(damage(gzip.compress(b"1,1,5,5,10,20,1\n" * 999)))
    with pytest.raises(DataError, match=r"a\.txt\.gz: not a whole gzip file; pack it again"):
        read_bytes(path)


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "bomb.txt.gz"
    packed = gzip.compress(b"1" * 2**22)
    path.write_bytes(packed * 32)  # 128 MiB in 130 kB
    tracemalloc.start()
    with pytest.raises(DataError, match=rf"{len(packed) * 32} bytes unpack to more than {200 * len(packed) * 32}"):
        read_bytes(path)
    assert tracemalloc.get_traced_memory()[1] < 2**26
    tracemalloc.stop()


def test_no_ratio_allows_more_than_the_largest_size(tmp_path, monkeypatch):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"1,2,3\n" * 100))
    monkeypatch.setattr(text, "MOST_UNPACKED", 500)
    with pytest.raises(DataError, match="unpack to more than 500"):
        read_bytes(path)
