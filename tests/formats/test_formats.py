"""Every format: what it reads, what it writes, and that a round trip loses nothing it can hold."""

import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.datasets.convert import convert
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS, by_name, find_format
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)
NAMES = {1: "pedestrian", 4: "car"}  # known to KITTI, BDD100K and VisDrone alike


@st.composite
def sequences(draw, classes=(1,)):
    """Up to twelve boxes in up to six frames, coordinates in hundredths of a pixel."""
    hundredths = st.integers(0, 60000).map(lambda value: value / 100)
    sides = st.integers(1, 30000).map(lambda value: value / 100)
    keys = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), max_size=12, min_size=1, unique=True))
    rows = [
        {
            "frame": frame,
            "id": identity,
            "x": draw(hundredths) - 50,
            "y": draw(hundredths) - 50,
            "w": draw(sides),
            "h": draw(sides),
            "class_id": draw(st.sampled_from(classes)),
            "conf": draw(st.integers(0, 1000)) / 1000,
        }
        for frame, identity in keys
    ]
    table = pd.DataFrame(rows, columns=["frame", "id", "x", "y", "w", "h", "class_id", "conf"])
    names = {} if classes == (1,) else {number: NAMES[number] for number in classes}
    return Sequence("scene", table, 640, 480, frame_rate=25.0, length=6, classes=names)


def annotated(sequence):
    """The same boxes as annotations: every row counts."""
    boxes = sequence.boxes.assign(conf=1.0)
    return Sequence(sequence.name, boxes, 640, 480, frame_rate=25.0, length=6, classes=sequence.classes)


def written_and_read(sequence, content, *route):
    """The sequence after being written and read in each format of the route, or None if it has no boxes to name it."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        for step, name in enumerate(route):
            target = Path(folder) / str(step)
            by_name(name).write(target, [sequence], content)
            (sequence,) = iterate(target, content, OPTIONS, name)
    return sequence


def assert_same(after, before):
    pd.testing.assert_frame_equal(
        after.boxes.drop(columns="class_id"), before.boxes.drop(columns="class_id"), atol=2e-6, rtol=0
    )
    names = [
        sequence.boxes["class_id"].map(lambda number, known=sequence.classes: known.get(number, number).lower())
        if sequence.classes
        else sequence.boxes["class_id"]
        for sequence in (after, before)
    ]
    if before.classes:
        assert names[0].tolist() == names[1].tolist()
    else:
        assert after.boxes["class_id"].tolist() == before.boxes["class_id"].tolist()


@pytest.mark.parametrize("name", FILE_FORMATS)
@settings(max_examples=15, deadline=None)
@given(sequence=sequences())
def test_detections_come_back_as_they_went(name, sequence):
    assert_same(written_and_read(sequence.without_ids(), "detections", name), sequence.without_ids())


PAIRS = [(first, second) for first in FILE_FORMATS for second in FILE_FORMATS if first != second]


@pytest.mark.parametrize(("first", "second"), PAIRS)
@settings(max_examples=4, deadline=None)
@given(sequence=sequences(classes=(1, 4)))
def test_a_round_trip_through_any_pair_loses_nothing(first, second, sequence):
    """Frames, identities, boxes and class names survive first → second → first."""
    truth = annotated(sequence)
    assert_same(written_and_read(truth, "annotations", first, second, first), truth)


@pytest.mark.parametrize("name", ["mot", "coco", "bdd100k", "yolo"])
def test_length_and_size_survive(name):
    table = pd.DataFrame({"frame": [2], "id": [1], "x": [1.0], "y": [1.0], "w": [4.0], "h": [8.0]})
    before = Sequence("scene", table, 640, 480, frame_rate=25.0, length=9)
    after = written_and_read(before, "annotations", name)
    assert (after.length, after.width, after.height, after.frame_rate) == (9, 640, 480, 25.0)


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_a_frame_without_boxes_shifts_nothing(name):
    table = pd.DataFrame({"frame": [1, 3], "id": [1, 1], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0})
    before = Sequence("scene", table, 640, 480, frame_rate=25.0)
    assert written_and_read(before, "annotations", name).boxes["frame"].tolist() == [1, 3]


@pytest.mark.parametrize("name", ["mot", "coco", "bdd100k", "visdrone", "yolo"])
def test_the_flag_do_not_evaluate_survives(name):
    table = pd.DataFrame({"frame": [1, 1], "id": [1, 2], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0, "conf": [1.0, 0.0]})
    after = written_and_read(Sequence("scene", table, 640, 480), "annotations", name)
    assert after.boxes["conf"].tolist() == [1.0, 0.0]


KITTI_LABELS = """\
0 0 Car 0 0 -1.57 100.00 50.50 200.25 90.00 1.5 1.6 3.9 1 2 20 -1.5
0 -1 DontCare -1 -1 -10 10.00 20.00 30.00 40.00 -1000 -1000 -1000 -10 -1 -1 -1
1 0 Car 0 1 -1.57 101.00 50.50 201.25 90.00 1.5 1.6 3.9 1 2 20 -1.5
1 3 Cyclist 0 2 -1.57 300.10 50.50 320.30 99.99 1.7 0.6 1.9 1 2 20 -1.5
"""


@pytest.fixture
def kitti(tmp_path):
    folder = tmp_path / "training" / "label_02"
    folder.mkdir(parents=True)
    (folder / "0007.txt").write_text(KITTI_LABELS)
    return tmp_path / "training"


def test_kitti_is_understood(kitti):
    (sequence,) = iterate(kitti, "annotations")
    assert sequence.name == "0007"
    assert sequence.length == 2
    assert sequence.boxes["frame"].tolist() == [1, 1, 2, 2]  # frame 0 survives as frame 1
    assert [sequence.classes[number] for number in sequence.boxes["class_id"]] == ["DontCare", "Car", "Car", "Cyclist"]
    assert sequence.boxes["conf"].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert sequence.boxes["id"].tolist() == [-1, 0, 0, 3]
    np.testing.assert_allclose(sequence.xywh[3], [300.1, 50.5, 20.2, 49.49])
    np.testing.assert_allclose(sequence.boxes["visibility"], [1.0, 1.0, 2 / 3, 1 / 3])


def test_kitti_to_mot_and_back_keeps_every_box_class_and_identity(kitti, tmp_path):
    convert(kitti, tmp_path / "mot", "mot", "kitti")
    convert(tmp_path / "mot", tmp_path / "kitti", "kitti", "mot")
    (before,), (after,) = iterate(kitti, "annotations"), iterate(tmp_path / "kitti", "annotations")
    pd.testing.assert_frame_equal(after.boxes, before.boxes, atol=1e-6)
    rows = [line.split() for line in (tmp_path / "kitti" / "label_02" / "0007.txt").read_text().splitlines()]
    original = [line.split() for line in KITTI_LABELS.splitlines()]
    assert sorted(row[:3] + [f"{float(v):.2f}" for v in row[6:10]] for row in rows) == sorted(
        row[:3] + row[6:10] for row in original
    )


def test_kitti_detections_have_scores_and_no_identity(kitti):
    folder = kitti / "det_permatrack"
    folder.mkdir()
    (folder / "0007.txt").write_text("0 5 Car -1 -1 -1 1 2 3 5 -1 -1 -1 -1000 -1000 -1000 -10 0.75\n")
    (sequence,) = iterate(kitti, "detections")
    assert sequence.boxes[["frame", "id", "conf"]].to_numpy().tolist() == [[1, -1, 0.75]]


def test_tao_names_and_frames(tmp_path):
    document = {
        "videos": [{"id": 5, "name": "train/YFCC100M/v_1", "width": 640, "height": 480}],
        "images": [{"id": 9, "video_id": 5, "frame_index": 0}, {"id": 8, "video_id": 5, "frame_index": 30}],
        "annotations": [{"id": 1, "image_id": 8, "track_id": 4, "category_id": 805, "bbox": [1, 2, 3, 4]}],
        "categories": [{"id": 805, "name": "person"}],
    }
    (tmp_path / "train.json").write_text(json.dumps(document))
    with pytest.warns(DataWarning, match="30 frames/s assumed"):
        (sequence,) = iterate(tmp_path / "train.json", "annotations")
    assert (sequence.name, sequence.length, sequence.classes) == ("train-YFCC100M-v_1", 31, {805: "person"})
    assert sequence.boxes[["frame", "id", "class_id"]].to_numpy().tolist() == [[31, 4, 805]]


def test_bdd100k_text_identities_and_crowds(tmp_path):
    box = {"x1": 1, "y1": 2, "x2": 4, "y2": 6}
    frames = [
        {"videoName": "b1", "frameIndex": 0, "labels": [{"id": "00012", "category": "car", "box2d": box}]},
        {"videoName": "b1", "frameIndex": 1, "labels": None},
        {
            "videoName": "b1",
            "frameIndex": 2,
            "labels": [{"id": "7", "category": "rider", "box2d": box, "attributes": {"crowd": True, "occluded": True}}],
        },
    ]
    (tmp_path / "b1.json").write_text(json.dumps(frames))
    (sequence,) = iterate(tmp_path, "annotations")
    columns = ["frame", "id", "class_id", "conf", "visibility"]
    assert sequence.boxes[columns].to_numpy().tolist() == [[1, 12, 3, 1, 1], [3, 7, 2, 0, 0.5]]
    assert (sequence.length, sequence.width, sequence.frame_rate) == (3, 1280, 5.0)


def test_visdrone_ignored_regions_have_no_identity(tmp_path):
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "uav1.txt").write_text(
        "1,0,5,5,10,10,0,0,0,0\n1,0,50,5,10,10,0,0,0,0\n1,0,9,9,5,5,1,4,0,1\n"
    )
    assert find_format(tmp_path)[0].name == "visdrone"
    (sequence,) = iterate(tmp_path, "annotations", OPTIONS)
    columns = ["id", "conf", "class_id", "visibility"]
    assert sequence.boxes[columns].to_numpy().tolist() == [[-1, 0, 0, 1], [-1, 0, 0, 1], [0, 1, 4, 0.5]]


def test_yolo_reads_ultralytics_labels(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "video_12.txt").write_text("0 0.5 0.5 0.1 0.2 0.9 3\n")
    assert find_format(tmp_path)[0].name == "yolo"
    (sequence,) = iterate(tmp_path, "annotations", OPTIONS)
    assert sequence.boxes[["frame", "id", "x", "y", "w", "h"]].to_numpy().tolist() == [[12, 3, 288, 192, 64, 96]]
    with pytest.raises(DataError, match="the image size is unknown; pass --size WIDTHxHEIGHT"):
        list(iterate(tmp_path, "annotations"))


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_what_we_write_is_guessed_with_a_reason(name, tmp_path):
    table = pd.DataFrame({"frame": [1, 2], "id": [1, 1], "x": 5.0, "y": 6.0, "w": 40.0, "h": 80.0})
    by_name(name).write(tmp_path / "out", [Sequence("scene", table, 640, 480)], "annotations")
    format_, reason = find_format(tmp_path / "out")
    assert format_.name == name
    assert any(word in reason for word in ("exists", "holds", "ends in"))


def test_flat_text_files_are_sequences(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("1,1,5,5,10,20,1,-1,-1,-1\n")
    assert [sequence.name for sequence in iterate(tmp_path, "annotations", OPTIONS)] == ["a", "b"]


def test_an_unknown_class_becomes_misc_with_a_warning(tmp_path):
    table = pd.DataFrame({"frame": [1], "id": [1], "x": 5.0, "y": 6.0, "w": 40.0, "h": 80.0, "class_id": 77})
    with pytest.warns(DataWarning, match="class 77 '' is none of KITTI's; written as 'Misc'"):
        by_name("kitti").write(tmp_path, [Sequence("scene", table, 640, 480)], "annotations")


def test_convert_leaves_nothing_behind_when_it_fails(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text("1,1,5,5,10,20,1\n")
    (source / "b.txt").write_text("1,1,5,5,nan,20,1\n")
    with pytest.raises(DataError, match=r"b.txt:1: w is nan"), pytest.warns(DataWarning):
        convert(source, tmp_path / "out", "coco")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_convert_replaces_only_when_told(tmp_path):
    source = tmp_path / "a.txt"
    source.write_text("1,1,5,5,10,20,1\n")
    convert(source, tmp_path / "out", "mot", options=OPTIONS)
    with pytest.raises(DataError, match="output exists; pass --overwrite or choose another"):
        convert(source, tmp_path / "out", "mot", options=OPTIONS)
    source.write_text("1,1,5,5,10,20,1\n2,1,5,5,10,20,1\n")
    done = convert(source, tmp_path / "out", "mot", options=OPTIONS, overwrite=True)
    assert done.boxes == {"annotations": 2}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "out"]
    shutil.rmtree(tmp_path / "out")


def test_coco_results_find_their_images_beside_them(tmp_path):
    """Detectors write bare lists of results; which frame an image is stands in the annotations' file."""
    document = {
        "videos": [{"id": 1, "name": "a", "fps": 25, "width": 640, "height": 480}],
        "images": [{"id": 7, "video_id": 1, "frame_id": 0}, {"id": 8, "video_id": 1, "frame_id": 1}],
        "annotations": [],
        "categories": [],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    results = [{"image_id": 8, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]
    (tmp_path / "detections.json").write_text(json.dumps(results))
    (sequence,) = iterate(tmp_path, "detections")
    assert sequence.boxes[["frame", "id", "conf"]].to_numpy().tolist() == [[2, -1, 0.5]]


def test_only_the_sequences_asked_for_are_read(tmp_path):
    table = pd.DataFrame({"frame": [1], "id": [1], "x": 5.0, "y": 6.0, "w": 40.0, "h": 80.0})
    two = [Sequence(name, table, 640, 480, 25.0) for name in ("one", "two")]
    options = ReadingOptions(size=(640, 480), frame_rate=25.0, sequences=("t*",))
    for name, format_ in FILE_FORMATS.items():
        format_.write(tmp_path / name, two, "annotations")
        assert [sequence.name for sequence in iterate(tmp_path / name, "annotations", options)] == ["two"]


def test_appearance_vectors_lie_beside_mot_files(tmp_path):
    table = pd.DataFrame({"frame": [1, 2], "id": 1, "x": 5.0, "y": 6.0, "w": 40.0, "h": 80.0})
    vectors = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    by_name("mot").write(tmp_path, [Sequence("a", table, 640, 480, embeddings=vectors)], "annotations")
    (sequence,) = iterate(tmp_path, "annotations")
    np.testing.assert_array_equal(sequence.embeddings, vectors)
    for broken in (np.zeros((3, 2), dtype=np.float32), np.zeros(2), np.array([["x"]], dtype=object)):
        np.save(tmp_path / "a" / "gt" / "gt.npy", broken, allow_pickle=True)
        with pytest.raises(DataError, match=r"gt\.npy: (vectors of shape|an array of)"):
            list(iterate(tmp_path, "annotations"))


def test_keys_that_all_hash_alike_are_refused(tmp_path):
    prime = sys.hash_info.modulus
    images = [{"id": number * prime, "video_id": 1, "frame_id": number} for number in range(1, 5)]
    content = {"videos": [{"id": 1, "name": "a"}], "images": images, "annotations": [], "categories": []}
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"images\[0\]: id is 2305843009213693951; give a whole number below 2\^60"):
        list(iterate(tmp_path, "annotations", format=by_name("coco")))


@pytest.mark.parametrize("name", ["mot", "kitti", "visdrone", "yolo"])
def test_numbers_of_ten_digits_come_back(name, tmp_path):
    columns = {"frame": [10**9], "id": [1234567890], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0}
    by_name(name).write(tmp_path, [Sequence("far", pd.DataFrame(columns), 64, 48)], "annotations")
    (sequence,) = iterate(tmp_path, "annotations", OPTIONS)
    assert sequence.boxes[["frame", "id"]].to_numpy().tolist() == [[10**9, 1234567890]]


@pytest.mark.parametrize("name", ["mot", "bdd100k", "coco", "yolo"])
def test_classes_of_ten_digits_keep_their_number(name, tmp_path):
    boxes = pd.DataFrame({"frame": [1], "id": 1, "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0, "class_id": 1234567890})
    classes = {} if name == "bdd100k" else {1234567890: "boat"}
    by_name(name).write(tmp_path, [Sequence("far", boxes, 64, 48, classes=classes)], "annotations")
    (sequence,) = iterate(tmp_path, "annotations", OPTIONS)
    assert sequence.boxes["class_id"].tolist() == [1234567890]
    assert sequence.classes.get(1234567890) == classes.get(1234567890)


def coco_document(name="boat", **more):
    """A video of one annotation."""
    return {
        "videos": [{"id": 1, "name": "a", "fps": 5, "width": 9, "height": 9}],
        "images": [{"id": 1, "video_id": 1, "frame_id": 1}],
        "annotations": [{"id": 1, "image_id": 1, "track_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]} | more],
        "categories": [{"id": 1, "name": name}],
    }


def test_a_category_that_cannot_be_printed_is_named(tmp_path):
    (tmp_path / "annotations.json").write_text(json.dumps(coco_document(name="a\x1b[2J")))
    with pytest.warns(DataWarning, match=r"categories\[0\]: name .* is left out: give a short text of printable"):
        (sequence,) = iterate(tmp_path, "annotations")
    assert sequence.classes == {}


@pytest.mark.parametrize("score", ["Infinity", "-Infinity", "NaN"])
def test_annotations_have_no_infinite_score(score, tmp_path):
    text = json.dumps(coco_document(score=7)).replace('"score": 7', f'"score": {score}')
    (tmp_path / "annotations.json").write_text(text)
    with pytest.raises(DataError, match=r"annotations\[0\]: conf is (-?inf|nan); give a finite number"):
        list(iterate(tmp_path, "annotations"))
