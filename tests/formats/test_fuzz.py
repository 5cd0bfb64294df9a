"""Mutated files: every reader gives a valid sequence or one line of text, nothing else."""

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack import DataError, DataWarning, Sequence
from gnntrack.datasets.check import check
from gnntrack.datasets.check_report import as_text
from gnntrack.formats.number_files import LineOrigin, _line_by_line, raise_it, read_numbers
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS, find_format
from gnntrack.reading import iterate

_SPEC = importlib.util.spec_from_file_location("mutation", Path(__file__).parents[2] / "benchmarks" / "mutation.py")
mutation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(mutation)

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A small data set in every format."""
    table = pd.DataFrame(
        {"frame": [1, 1, 2, 4], "id": [1, 2, 1, 2], "x": 5.0, "y": 5.0, "w": 40.0, "h": [80, 81, 80, 82.5]}
    )
    sequence = Sequence("scene", table, 640, 480, 25.0, 5, classes={1: "pedestrian"})
    root = tmp_path_factory.mktemp("formats")
    for name, format_ in FILE_FORMATS.items():
        format_.write(root / name, [sequence], "annotations")
        format_.write(root / name, [sequence.without_ids()], "detections")
    return root


@pytest.mark.parametrize("name", FILE_FORMATS)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), content=st.sampled_from(["annotations", "detections"]))
def test_a_mutated_file_is_a_sequence_or_one_line(name, seed, content, folders):
    rng = np.random.default_rng(seed)
    files = sorted(path for path in (folders / name).rglob("*") if path.is_file())
    path = files[rng.integers(len(files))]
    original = path.read_bytes()
    path.write_bytes(mutation.mutate(original, rng))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            as_text(check(folders / name, name, OPTIONS))
            for sequence in iterate(folders / name, content, OPTIONS, name):
                assert isinstance(sequence, Sequence)
    except DataError as error:
        assert "\n" not in str(error)
    finally:
        path.write_bytes(original)


@settings(max_examples=150)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_sequence_or_one_line(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("bytes") / "a.txt"
    path.write_bytes(data)
    try:
        format_, _ = find_format(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            list(iterate(path, "annotations", OPTIONS, format_))
    except DataError as error:
        assert "\n" not in str(error)


cells = st.one_of(
    st.integers(-5, 10**13).map(str),
    st.floats(-1e9, 1e9).map(lambda value: f"{value:.4g}"),
    st.sampled_from(["nan", "", " 7", "1 2", "x", "-", "1e5", "1_0", "+3", ".5", "5."]),
)
lines = st.lists(st.lists(cells, min_size=1, max_size=9).map(",".join), max_size=5)


@settings(max_examples=300)
@given(rows=lines, end=st.sampled_from(["\n", "\r\n", ",\n", "\n\n", ";\n"]))
def test_the_fast_reader_and_the_careful_one_agree(rows, end, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "a.txt"
    path.write_text(end.join(rows))

    def outcome(read):
        try:
            return read().values
        except DataError as error:
            return str(error)

    fast = outcome(lambda: read_numbers(path, 6, "six"))
    data = path.read_bytes()
    first = next((line for line in data.decode().split("\n") if line.strip(" \t,;\r")), "")
    if not first:
        return
    careful = outcome(lambda: _line_by_line(path, data, False, 6, "six", raise_it))
    if isinstance(fast, str) or isinstance(careful, str):
        assert fast == careful
    else:
        np.testing.assert_allclose(fast, careful, rtol=1e-12)


def test_lines_are_found_in_files_with_gaps_and_headers(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("frame,id,x,y,w,h\n\n1,1,1,1,1,1\n\n\n2,1,1,1,1,1\n")
    assert read_numbers(path, 6, "six").origin == LineOrigin(str(path), header=True)
    assert [read_numbers(path, 6, "six").origin.line(row) for row in (0, 1, 2)] == [3, 6, None]
