"""The safetensors loader: a file that lies about itself is one line, and nothing is allocated for it."""

import json
import os

import pytest
import torch
from safetensors.torch import save_file

from gnntrack import DataError
from gnntrack.loaders.tensors import FLOATS, read_header
from gnntrack.loaders.torch_tensors import read_safetensors


@pytest.fixture
def path(tmp_path):
    save_file({"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(1)}, tmp_path / "a.safetensors", {"k": "v"})
    return tmp_path / "a.safetensors"


def forge(path, header, data=b""):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + data)
    return path


def test_it_reads_what_the_library_wrote(path):
    metadata, tensors = read_safetensors(path, FLOATS)
    assert dict(metadata) == {"k": "v"}
    assert torch.equal(tensors["a"], torch.arange(6.0).reshape(2, 3))
    assert read_header(path).tensors["a"].shape == (2, 3)


def test_files_without_tensors_or_metadata_are_whole(tmp_path):
    assert read_safetensors(forge(tmp_path / "a", {})) == ({}, {})


def entry(dtype="F32", shape=(1,), place=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(place)}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"[" * 100_000, "nested 100000 deep"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not usable JSON: Exceeds the limit"),
        (b"\xff{}", "not usable JSON"),
        (b"[]", "a header that is no object"),
        ({"__metadata__": {"a": 1}}, "metadata that are not texts"),
        ({"__metadata__": ["a"]}, "metadata that are not texts"),
        ({"a": 7}, "tensor 'a' is of type None"),
        ({"a": entry("I32")}, "tensor 'a' is of type 'I32'; expected BF16, F16, F32, F64"),
        ({"a": entry("C64")}, "tensor 'a' is of type 'C64'"),
        ({"a": entry(["F32"])}, "tensor 'a' is of type"),
        ({"a\x1b[2J": entry("X")}, r"tensor 'a\\x1b\[2J' is of type 'X'"),
        ({"a": entry(shape=(-1,))}, r"has the shape \[-1\]"),
        ({"a": entry(shape=(2**60, 2**60))}, "has the shape"),
        ({"a": entry(shape=(True,))}, "has the shape"),
        ({"a": entry(shape=(1.0,))}, "has the shape"),
        ({"a": entry(shape=[1] * 9)}, "has the shape"),
        ({"a": entry(shape=(10**9, 1000), place=(0, 4))}, "does not lie at"),
        ({"a": entry(place=(0, 4, 8))}, "does not lie at"),
        ({"a": entry(place=(4, 0))}, "does not lie at"),
        ({"a": entry(place=(4, 8))}, "overlap or leave gaps"),
        ({"a": entry(), "b": entry()}, "overlap or leave gaps"),
        ({"a": entry(shape=(2,), place=(0, 8))}, "tensors of 8 bytes in a file that has 4"),
        ({}, "tensors of 0 bytes in a file that has 4"),
        ({str(number): entry(shape=(0,), place=(0, 0)) for number in range(100_001)}, "100001 tensors"),
    ],
)
def test_a_header_that_lies_is_one_line(header, message, tmp_path):
    with pytest.raises(DataError, match=message) as caught:
        read_safetensors(forge(tmp_path / "a.safetensors", header, b"\0" * 4), FLOATS)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("data", [b"", b"1234567", b"\xff" * 8, (2**62).to_bytes(8, "little") + b"{}"])
def test_a_header_larger_than_the_file_is_not_read(data, tmp_path):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError, match="cut off, or no safetensors file"):
        read_header(tmp_path / "a")


def test_what_is_no_file_is_one_line(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", ".", "absent", "a\0b"):
        with pytest.raises(DataError, match="cannot read"):
            read_safetensors(tmp_path / name)


def test_cut_off_files_are_one_line(path):
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(DataError):
            read_safetensors(path)
