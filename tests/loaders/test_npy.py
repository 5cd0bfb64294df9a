"""The npy loader: the header is read without evaluating it and held against the file before anything is allocated."""

import io

import numpy as np
import pytest

from gnntrack import DataError
from gnntrack.loaders.npy import read_npy

LITERAL = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"


def forge(path, header, data=b"\0" * 24, magic=b"\x93NUMPY\x01\x00"):
    raw = header if isinstance(header, bytes) else header.encode("latin-1")
    path.write_bytes(magic + len(raw).to_bytes(2, "little") + raw + data)
    return path


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_it_reads_what_numpy_writes(dtype, order, tmp_path):
    values = np.asarray(np.arange(12.0).reshape(4, 3), dtype=dtype, order=order)
    np.save(tmp_path / "a.npy", values)
    read = read_npy(tmp_path / "a.npy")
    np.testing.assert_array_equal(read, values)
    assert read.dtype == values.dtype


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_is_read(version, tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ones((2, 2)), version=version)
    (tmp_path / "a.npy").write_bytes(stream.getvalue())
    assert read_npy(tmp_path / "a.npy").tolist() == [[1, 1], [1, 1]]


def test_an_empty_array_of_long_rows_is_one_line(tmp_path):
    with pytest.raises(DataError, match=r"the shape \(0, 123456789\)"):
        read_npy(forge(tmp_path / "a.npy", LITERAL.replace("(2, 3)", "(0, 123456789)"), b""))


def test_empty_arrays_are_arrays(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((0, 3)))
    assert read_npy(tmp_path / "a.npy").shape == (0, 3)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (LITERAL.replace("(2, 3)", "(12, 2**70)"), "no header of an array"),
        (LITERAL.replace("(2, 3)", f"(12, {2**70})"), "no header of an array"),
        (LITERAL.replace("(2, 3)", "(12, -8)"), "no header of an array"),
        (LITERAL.replace("(2, 3)", "(1000000, 1000000)"), "4000000000000 bytes in a file that has 24"),
        (LITERAL.replace("(2, 3)", "(2, 2)"), "16 bytes in a file that has 24"),
        (LITERAL.replace("(2, 3)", "(2,"), "no header of an array"),
        (LITERAL.replace("<f4", "|O"), r"array of '\|O'"),
        (LITERAL.replace("<f4", "<i8"), "array of '<i8'"),
        (LITERAL.replace("<f4", "<c8"), "array of '<c8'"),
        (LITERAL.replace("'<f4'", "'<f4"), "no header of an array"),
        (LITERAL.replace("False", "__import__('os')"), "no header of an array"),
        (LITERAL + " " * 9000, "a header of 9059 bytes"),
        ("(" * 3000, "no header of an array"),
        ("", "no header of an array"),
        (LITERAL.replace("(2, 3)", "(2,\x1e3)"), "no header of an array"),
        (LITERAL.replace("(2, 3)", "(2,\u00a03)"), "no header of an array"),
        (b"\xff\xfe", "no header of an array"),
    ],
)
def test_a_header_that_lies_is_one_line(header, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_npy(forge(tmp_path / "a.npy", header))


@pytest.mark.parametrize(
    "magic", [b"\x93NUMPX\x01\x00", b"\x93NUMPY\x09\x00", b"PK\x03\x04\x01\x00\x00\x00", b"\x80\x04]"]
)
def test_another_magic_is_one_line(magic, tmp_path):
    with pytest.raises(DataError, match=r"no \.npy file"):
        read_npy(forge(tmp_path / "a.npy", LITERAL, magic=magic))


def test_cut_off_files_are_one_line(tmp_path):
    whole = forge(tmp_path / "a.npy", LITERAL).read_bytes()
    for length in range(len(whole)):
        (tmp_path / "a.npy").write_bytes(whole[:length])
        with pytest.raises(DataError):
            read_npy(tmp_path / "a.npy")
