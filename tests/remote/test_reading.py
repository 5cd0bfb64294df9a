"""Every format is read from a bucket, a web server and memory as from a folder."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest

from gnntrack import DataError
from gnntrack.datasets.convert import convert
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS
from gnntrack.loaders.npy import read_npy
from gnntrack.reading import iterate, read
from gnntrack.remote import as_path
from tests.remote.conftest import objects, put, serving

OPTIONS = ReadingOptions(sequences=("TUD-Campus",), size=(640, 480), frame_rate=25.0)


@pytest.fixture(scope="module")
def formats(tmp_path_factory):
    """The sample's shorter scene in every format."""
    folder = tmp_path_factory.mktemp("formats")
    for name in FILE_FORMATS:
        convert("sample", folder / name, name, options=ReadingOptions(sequences=("TUD-Campus",)))
    return folder


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_every_format(formats, memory, name):
    put(formats / name, f"{memory}/{name}")
    here = read(formats / name, "annotations", OPTIONS)
    there = read(f"{memory}/{name}", "annotations", OPTIONS)
    assert [each.boxes.to_csv() for each in there] == [each.boxes.to_csv() for each in here]
    assert len(here[0]) == 359
    assert here[0].name == there[0].name


@pytest.mark.parametrize("format_", ["mot", "kitti", "coco", "parquet"])
def test_from_a_bucket(formats, bucket, format_):
    put(formats / format_, f"{bucket}/data")
    (there,) = read(f"{bucket}/data/", "annotations", OPTIONS)
    assert there.boxes.to_csv() == read(formats / format_, "annotations", OPTIONS)[0].boxes.to_csv()


def test_pairs_a_single_file_and_a_whole_bucket(root, bucket):
    put(root, bucket)
    assert [pair.annotations.name for pair in iterate(bucket, "pairs")] == ["A", "B"]
    (alone,) = read(f"{bucket}/A/gt/gt.txt", "annotations")
    assert (alone.name, len(alone)) == ("A", 16)
    (one,) = read(f"{bucket}/B", "detections")
    assert (one.name, len(one)) == ("B", 16)


NAMES = ["a b", "c#d", "e?f", "g%20h", "é", "日本", "k&l=m", "x+y", "[q]", "u'v"]


@pytest.mark.parametrize("kind", ["bucket", "memory", "web"])
def test_names_of_videos_are_those_of_a_folder(root, kind, request, tmp_path):
    """None is left out because of the letters in its name, and none is called otherwise."""
    for name in NAMES:
        shutil.copytree(root / "A", tmp_path / "named" / name)
    place = request.getfixturevalue(kind)
    if kind != "web":
        put(tmp_path / "named", f"{place}/named")
    there = read(f"{place}/named", "annotations")
    assert sorted(each.name for each in there) == sorted(NAMES)
    assert all(len(each) == 16 for each in there)


def test_packed_files_and_embeddings(root, place):
    text = (root / "A" / "gt" / "gt.txt").read_bytes()
    (root / "A" / "gt" / "gt.txt").unlink()
    (root / "A" / "gt" / "gt.txt.gz").write_bytes(gzip.compress(text))
    np.save(root / "B" / "det" / "det.npy", np.arange(32, dtype=np.float32).reshape(16, 2))
    put(root, f"{place}/data")
    assert len(read(f"{place}/data/A", "annotations")[0]) == 16
    there, here = (read(source, "detections")[0] for source in (f"{place}/data/B", root / "B"))
    assert here.embeddings.shape == (16, 2)
    assert np.array_equal(here.embeddings, there.embeddings)
    cut = objects(f"{place}/data")["B/det/det.npy"][:-1]
    (root / "cut.npy").write_bytes(cut)
    put(root, f"{place}/more")
    with pytest.raises(DataError, match=r"^(s3|memory)://.*/more/cut.npy: an array of 128 bytes"):
        read_npy(as_path(f"{place}/more/cut.npy"))


def test_a_zip(root, place, tmp_path):
    (tmp_path / "zips").mkdir()
    shutil.make_archive(str(tmp_path / "zips" / "data"), "zip", root)
    put(tmp_path / "zips", place)
    assert [each.name for each in read(f"{place}/data.zip", "annotations")] == ["A", "B"]


def test_from_a_web_server(root, web):
    assert [each.name for each in read(f"{web}/data", "annotations")] == ["A", "B"]
    assert [each.name for each in read(f"{web}/data/", "detections")] == ["A", "B"]
    assert len(read(f"{web}/data/A/gt/gt.txt?signature=1", "annotations")[0]) == 16


def test_a_listing_that_leads_elsewhere_is_not_followed(memory):
    from http.server import BaseHTTPRequestHandler

    asked = []

    class Evil(BaseHTTPRequestHandler):
        """A folder whose page links to others."""

        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def do_GET(self):
            asked.append(self.path)
            page = (
                '<a href="../up/">up</a><a href="/root/gt.txt">r</a><a href="http://10.0.0.1/x">x</a><a href="A/">A</a>'
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    with serving(Evil) as address:
        assert [path.name for path in as_path(f"{address}/data").iterdir()] == ["A"]


def test_few_requests_are_made_for_a_video(root, bucket, requests_made):
    """Files beside it that are not there are known from a listing; an object is fetched once."""
    put(root, f"{bucket}/data")
    requests_made.clear()
    read(f"{bucket}/data/A", "annotations")
    fetched = [each for each in requests_made if each.startswith("GET /") and "?list" not in each]
    assert sorted(each.rpartition("/")[2] for each in fetched) == ["gt.txt", "gt.txt", "seqinfo.ini"]
    listed = sum("?list" in each for each in requests_made)
    asked = sum(each.startswith("HEAD /") for each in requests_made)
    assert (listed <= 10, asked <= 5) == (True, True), requests_made  # as docs/remote.md has it
    assert len(requests_made) == listed + asked + len(fetched)


def test_an_error_names_the_object_and_the_line(root, place):
    path = root / "A" / "gt" / "gt.txt"
    path.write_text(path.read_text() + "3,1,5,5,0,9,1,1,1\n")
    put(root, f"{place}/data")
    with pytest.raises(DataError, match=rf"^{place}/data/A/gt/gt.txt:17: box is \[x y w h\] 5 5 0 9"):
        read(f"{place}/data", "annotations")
