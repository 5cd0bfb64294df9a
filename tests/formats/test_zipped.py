"""Zips of every format; those that hide something are refused in one line."""

from __future__ import annotations

import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from gnntrack.datasets.check import check
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS, find_format
from gnntrack.formats.zipped import unpacked
from gnntrack.loaders import archives
from gnntrack.reading import iterate, read
from tests.conftest import make_sequence

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)
GT = "1,1,100,200,60,180,1,1,1\n2,1,102,200,60,180,1,1,1\n"


def pack(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_every_format_is_read_from_a_zip(name, tmp_path):
    scene = make_sequence([(1, 1, 5.0, 6.0, 40.0, 80.0), (2, 1, 6.0, 6.0, 40.0, 80.0)], name="scene")
    FILE_FORMATS[name].write(tmp_path / "out", [scene], "annotations")
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    files = {str(path.relative_to(tmp_path)): path.read_bytes() for path in written}
    path = pack(tmp_path / "export.zip", files)
    format_, why = find_format(path)
    assert (format_.name, name in why) == ("zip", True)
    (found,) = iterate(path, "annotations", OPTIONS)
    assert (found.name, found.xywh.tolist()) == ("scene", scene.xywh.tolist())
    assert len(read(path, "annotations", OPTIONS, name)) == 1


def test_cvats_export_as_mot(tmp_path):
    """The zip of a task, without folder: the video is named after it."""
    path = pack(tmp_path / "street.zip", {"gt/gt.txt": GT, "gt/labels.txt": "person\ncar\n", "__MACOSX/._gt.txt": "x"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        (truth,) = read(path, "annotations", OPTIONS)
    assert (truth.name, len(truth), truth.classes) == ("street", 2, {1: "person", 2: "car"})


def test_mistakes_name_the_zip_and_the_file(tmp_path):
    path = pack(tmp_path / "street.zip", {"a/gt/gt.txt": GT.replace("102", "nan"), "b/gt/gt.txt": "1,1,5\n"})
    options = ReadingOptions(size=(640, 480), frame_rate=25.0, sequences=("a",))
    with pytest.raises(DataError, match=r"street\.zip/a/gt/gt\.txt:2: x is nan; give a finite number"):
        list(iterate(path, "annotations", options))
    problems = check(path, options=OPTIONS).problems
    assert [problem.split("street.zip/")[1].split(";")[0] for problem in problems] == [
        "a/gt/gt.txt:2: x is nan",
        "b/gt/gt.txt:1: 3 columns",
    ]
    with pytest.raises(DataError, match=r"^\S+empty\.zip: cannot tell the format; found other/x\.txt"):
        read(pack(tmp_path / "empty.zip", {"other/x.txt": "hello\n", "y.txt": "no boxes\n"}), "annotations")


def link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


BAD = {
    "upwards": ({"../up.txt": GT}, "member '../up.txt' lies outside; pack plain files"),
    "absolute": ({"/tmp/up.txt": GT}, "member '/tmp/up.txt' lies outside"),
    "a drive": ({"C:/up.txt": GT}, "lies outside"),
    "a link": ({link("gt/gt.txt"): "/etc/passwd"}, "member 'gt/gt.txt' lies outside"),
    "a bomb": ({"gt/gt.txt": b"0" * (40 << 20)}, r"\d+ bytes that unpack to 41943040; unpack it by hand"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_hides_something_is_refused(case, tmp_path):
    files, message = BAD[case]
    path = pack(tmp_path / "a.zip", files)
    with pytest.raises(DataError, match=message) as refusal:
        read(path, "annotations", OPTIONS)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "up.txt").exists() and not Path("/tmp/up.txt").exists()


def test_too_many_members(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    with pytest.raises(DataError, match="2 files; at most 1 are unpacked"):
        read(pack(tmp_path / "a.zip", {"a.txt": GT, "b.txt": GT}), "annotations", OPTIONS)


def test_a_zip_that_is_none(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\3\4 cut off")
    with pytest.raises(DataError, match=r"a\.zip: cannot unpack: File is not a zip file; pack it again"):
        read(tmp_path / "a.zip", "annotations", OPTIONS)


def test_what_was_unpacked_is_removed_when_another_is_read(tmp_path):
    first = unpacked(pack(tmp_path / "a.zip", {"gt/gt.txt": GT})).folder
    assert (first / "gt" / "gt.txt").is_file()
    unpacked(pack(tmp_path / "b.zip", {"gt/gt.txt": GT}))
    assert not first.exists()
