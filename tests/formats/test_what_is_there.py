"""Files under other names, packed, of another kind, or not there: read, or named in one line; never "no problems"."""

from __future__ import annotations

import gzip
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest

from gnntrack.datasets.check import check
from gnntrack.datasets.check_report import as_text
from gnntrack.datasets.convert import convert
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation import read_pairs
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS, by_name, find_format
from gnntrack.reading import iterate, read
from gnntrack.sequence import Sequence

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)
GT = "1,1,100,200,60,180,1,1,1\n2,1,102,200,60,180,1,1,1\n"
DET = "1,-1,100,200,60,180,0.9,-1,-1,-1\n2,-1,102,200,60,180,0.8,-1,-1,-1\n"


@pytest.fixture
def scene():
    """One person in two frames."""
    table = pd.DataFrame({"frame": [1, 2], "id": 1, "x": 5.0, "y": 6.0, "w": 40.0, "h": 80.0})
    return Sequence("scene", table, 640, 480, 25.0)


def write(path, content=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("name", ["gt/gt.csv", "gt/GT.TXT", "gt/other.txt", "det/boxes.txt", "gt/gt.json"])
def test_a_folder_without_the_expected_file_is_a_problem(tmp_path, name):
    write(tmp_path / "S" / name, GT)
    report = check(tmp_path / "S", options=OPTIONS)
    assert not report.sound
    (problem,) = report.problems
    expected = "expected NAME/gt/gt.txt or NAME/det/det.txt, plain or packed (.txt.gz)"
    assert problem.endswith(f"S: nothing to read as mot; found {name}; {expected}")
    assert "no problems" not in as_text(report)


def test_an_empty_folder_is_a_problem(tmp_path):
    (tmp_path / "S" / "gt").mkdir(parents=True)
    assert "found gt/ (empty); expected NAME/gt/gt.txt" in check(tmp_path / "S", options=OPTIONS).problems[0]
    write(tmp_path / "S" / "det" / "det.txt", DET)
    write(tmp_path / "R" / "gt" / "gt.txt", GT)
    report = check(tmp_path, options=OPTIONS)
    assert [problem.split("/")[-2:] for problem in report.problems] == [["gt.txt; found nothing in gt", ""]]


def test_vectors_alone_are_no_detections(tmp_path):
    write(tmp_path / "S" / "det" / "det.txt")
    np.save(tmp_path / "S" / "det" / "det.npy", np.ones((4, 128), dtype=np.float32))
    (tmp_path / "S" / "det" / "det.txt").unlink()
    assert "found det/det.npy; expected " in check(tmp_path / "S", options=OPTIONS).problems[0]
    with pytest.raises(DataError, match=r"det\.npy: cannot tell the format; pass --from"):
        check(tmp_path / "S" / "det" / "det.npy")
    with pytest.raises(DataError, match=r"an array of shape \(4, 128\) without boxes in its first ten columns"):
        read(tmp_path / "S" / "det" / "det.npy", "detections", OPTIONS, "mot")


def test_packed_files_are_read_everywhere(tmp_path):
    write(tmp_path / "S" / "gt" / "gt.txt.gz", gzip.compress(GT.encode()))
    write(tmp_path / "S" / "det" / "det.txt.gz", gzip.compress(DET.encode()))
    write(tmp_path / "pred" / "S.txt.gz", gzip.compress(GT.encode()))
    report = check(tmp_path / "S", options=OPTIONS)
    assert report.sound
    assert [figures[0]["boxes"] for figures in report.sequences.values()] == [2, 2]
    assert len(read(tmp_path / "S", "detections", OPTIONS)[0]) == 2
    for place in (tmp_path / "S", tmp_path / "S" / "gt" / "gt.txt.gz"):
        assert list(read_pairs(place, tmp_path / "pred", OPTIONS)) == ["S"]


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_every_format_is_read_packed(name, tmp_path, scene):
    by_name(name).write(tmp_path / "out", [scene], "annotations")
    for path in [path for path in (tmp_path / "out").rglob("*") if path.suffix in {".txt", ".json", ".csv", ".xml"}]:
        if path.name != "labels.txt":
            write(path.with_name(path.name + ".gz"), gzip.compress(path.read_bytes()))
            path.unlink()
    assert find_format(tmp_path / "out")[0].name == name
    (sequence,) = iterate(tmp_path / "out", "annotations", OPTIONS)
    assert (sequence.name, len(sequence)) == ("scene", 2)


@pytest.mark.parametrize("name", ["kitti", "visdrone", "yolo"])
def test_suffixes_may_be_capital(name, tmp_path, scene):
    by_name(name).write(tmp_path / "out", [scene], "annotations")
    for path in [path for path in (tmp_path / "out").rglob("*.txt") if path.name != "labels.txt"]:
        path.rename(path.with_suffix(".TXT"))
    (sequence,) = iterate(tmp_path / "out", "annotations", OPTIONS)
    assert (sequence.name, len(sequence)) == ("scene", 2)


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_a_sequence_that_is_not_there_is_refused(name, tmp_path, scene):
    by_name(name).write(tmp_path / "out", [scene], "annotations")
    options = ReadingOptions(size=(640, 480), frame_rate=25.0, sequences=("zzz",))
    with pytest.raises(DataError, match="no sequence zzz; found scene"):
        convert(tmp_path / "out", tmp_path / "new", "mot", options=options)
    assert not (tmp_path / "new").exists()
    assert "no sequence zzz; found scene" in check(tmp_path / "out", options=options).problems[0]


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_detections_alone_stay_alone(name, tmp_path, scene):
    """Whatever the format, no empty annotations are written beside them."""
    by_name(name).write(tmp_path / "boxes", [scene.without_ids()], "detections")
    done = convert(tmp_path / "boxes", tmp_path / "out", "mot", options=OPTIONS)
    assert done.boxes == {"detections": 2}
    found = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.txt")]
    assert [path for path in found if not path.endswith("labels.txt")] == ["scene/det/det.txt"]


def test_a_list_of_images_is_no_annotation(tmp_path, scene):
    by_name("coco").write(tmp_path / "boxes", [scene.without_ids()], "detections")
    by_name("coco").write(tmp_path / "boxes", [scene.take(scene.frames > 9)], "annotations")
    done = convert(tmp_path / "boxes", tmp_path / "out", "mot", options=OPTIONS)
    assert (done.boxes, done.sequences) == ({"detections": 2}, {"detections": 1})
    assert not (tmp_path / "out" / "scene" / "gt").exists()


def test_boxes_without_any_id_are_detections(tmp_path):
    write(tmp_path / "street.txt", DET)
    assert list(check(tmp_path / "street.txt", options=OPTIONS).sequences) == ["detections"]


CLASSES = {
    "2,-1,-1": [2, 2],
    "0,-1,-1": [0, 0],
    "3,0,0": [3, 3],
    "-1,-1,-1": [1, 1],
    "0,0,0": [1, 1],
    "1.5,-1,-1": [1, 1],
    "2,14.2,0": [1, 1],
    "5000,-1,-1": [1, 1],
}


@pytest.mark.parametrize("tail", CLASSES)
def test_the_eighth_of_ten_columns_is_a_class_where_it_can_be_one(tmp_path, tail):
    write(tmp_path / "S" / "det" / "det.txt", DET.replace("-1,-1,-1\n", f"{tail}\n"))
    (sequence,) = iterate(tmp_path, "detections", OPTIONS)
    assert sequence.boxes["class_id"].tolist() == CLASSES[tail]


def boxes_and_vectors(frames=(1, 2), size=128):
    """DeepSORT's array: ten columns of detections, then a vector."""
    boxes = [[frame, -1, 98 + 2 * frame, 200, 60, 180, 1 - frame / 10, -1, -1, -1] for frame in frames]
    return np.column_stack([boxes, np.arange(size * len(frames)).reshape(len(frames), size)])


def test_vectors_with_their_boxes_are_told_apart(tmp_path):
    array = boxes_and_vectors()
    write(tmp_path / "S" / "det" / "det.txt", DET)
    np.save(tmp_path / "S" / "det" / "det.npy", array)
    (beside,) = iterate(tmp_path, "detections", OPTIONS)
    np.testing.assert_array_equal(beside.embeddings, array[:, 10:])
    (tmp_path / "S" / "det" / "det.txt").unlink()
    (alone,) = iterate(tmp_path, "detections", OPTIONS)
    pd.testing.assert_frame_equal(alone.boxes, beside.boxes)
    np.testing.assert_array_equal(alone.embeddings, beside.embeddings)
    shutil.copy(tmp_path / "S" / "det" / "det.npy", tmp_path / "MOT16-02.npy")
    (flat,) = read(tmp_path / "MOT16-02.npy", "detections", OPTIONS)
    assert (flat.name, flat.embeddings.shape) == ("MOT16-02", (2, 128))


def test_vectors_with_other_boxes_are_refused(tmp_path):
    write(tmp_path / "S" / "det" / "det.txt", DET)
    np.save(tmp_path / "S" / "det" / "det.npy", boxes_and_vectors(frames=(2, 1)))
    with pytest.raises(DataError, match=r"det\.npy: row 0 holds another box than the text file beside it; "):
        list(iterate(tmp_path, "detections", OPTIONS))


def test_whole_numbers_are_named_as_such_not_their_shape(tmp_path):
    write(tmp_path / "S" / "det" / "det.txt", DET)
    np.save(tmp_path / "S" / "det" / "det.npy", np.ones((2, 8), dtype=np.int64))
    with pytest.raises(DataError, match=r"det\.npy: an array of '<i8'; expected floats"):
        list(iterate(tmp_path, "detections", OPTIONS))


SAID = {
    (): "no seqinfo.ini; size and length are inferred, 30 frames/s assumed",
    ("size",): "no seqinfo.ini; length is inferred, 30 frames/s assumed",
    ("frame_rate",): "no seqinfo.ini; size and length are inferred",
    ("size", "frame_rate"): None,
}


@pytest.mark.parametrize("known", SAID)
def test_what_the_caller_said_is_not_called_inferred(tmp_path, known):
    write(tmp_path / "street.txt", GT)
    options = ReadingOptions(**{key: {"size": (640, 480), "frame_rate": 25.0}[key] for key in known})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        list(iterate(tmp_path / "street.txt", "annotations", options))
    assert [str(item.message).split(": ")[1] for item in caught] == ([SAID[known]] if SAID[known] else [])
