"""What other tools write: recognised, or asked in one line."""

from __future__ import annotations

import json

import pytest

from gnntrack.datasets.check import check
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.format import raise_it
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import by_name, find_format
from gnntrack.reading import iterate

OPTIONS = ReadingOptions(size=(100, 100), frame_rate=25.0)


def yolo(tmp_path, *files):
    """Files ``video_1.txt`` and so on, one row each: what follows the box."""
    (tmp_path / "labels").mkdir()
    for number, tail in enumerate(files, 1):
        (tmp_path / "labels" / f"video_{number}.txt").write_text(f"0 0.5 0.5 0.1 0.2{tail}\n")
    return tmp_path


ULTRALYTICS = {
    "save_txt": (["", ""], [-1, -1], [1, 1]),
    "save_txt with ids": ([" 1", " 7"], [1, 7], [1, 1]),
    "ids, one box without a track": (["", " 7"], [-1, 7], [1, 1]),
    "save_conf": ([" 0.9", " 1"], [-1, -1], [0.9, 1]),
    "save_conf with ids": ([" 0.9 1", " 0.8 7"], [1, 7], [0.9, 0.8]),
    "save_conf with ids, one box without a track": ([" 1", " 0.8 7"], [-1, 7], [1, 0.8]),
}


@pytest.mark.parametrize("case", ULTRALYTICS)
def test_ultralytics_labels(tmp_path, case):
    files, ids, confidences = ULTRALYTICS[case]
    (raw,) = by_name("yolo").read(yolo(tmp_path, *files), "tracks", OPTIONS, raise_it)
    sequence = raw.check()
    assert sequence.boxes["id"].tolist() == ids
    assert sequence.boxes["conf"].tolist() == confidences


def test_check_counts_the_identities_of_ultralytics_labels(tmp_path):
    report = check(yolo(tmp_path, " 1", " 7"), options=OPTIONS)
    assert (report.sound, report.sequences["annotations"][0]["identities"]) == (True, 2)


def test_a_sixth_column_of_ones_is_asked_about(tmp_path):
    root = yolo(tmp_path, " 1", " 1")
    message = r"labels: six columns, the last 0 or 1 throughout: .*; pass --last-column confidence or --last-column id"
    with pytest.raises(DataError, match=message):
        list(iterate(root, "annotations", OPTIONS))
    for last_column, expected in (("id", 1), ("confidence", -1)):
        options = ReadingOptions(size=(100, 100), frame_rate=25.0, last_column=last_column)
        (sequence,) = iterate(root, "annotations", options)
        assert set(sequence.boxes["id"]) == {expected}


@pytest.mark.parametrize("place", ["labels/classes.txt", "classes.txt"])
def test_class_names_beside_labels(tmp_path, place):
    root = yolo(tmp_path, " 0.9", " 0.8")
    (root / place).write_text("person\ncar\n")
    assert find_format(root)[0].name == "yolo"
    (sequence,) = iterate(root, "annotations", OPTIONS)
    assert (len(sequence), sequence.classes) == (2, {0: "person", 1: "car"})


def test_files_of_two_videos_in_one_folder_are_refused(tmp_path):
    root = yolo(tmp_path, " 0.9")
    (root / "labels" / "other_1.txt").write_text("0 0.5 0.5 0.1 0.2 0.9\n")
    with pytest.raises(DataError, match=r"video_1\.txt: frame 1, as other_1\.txt is; give each video a folder"):
        list(iterate(root, "annotations", OPTIONS))


def box(image, **more):
    return {"id": 1, "image_id": image, "category_id": 1, "bbox": [1, 2, 3, 4]} | more


def coco(path, names, annotations):
    """A plain COCO file: images without a video."""
    images = [{"id": 10 - index, "file_name": name, "width": 90, "height": 50} for index, name in enumerate(names)]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}
    path.write_text(json.dumps(document))
    return path


def test_plain_coco_is_one_video_in_the_order_of_file_names(tmp_path):
    path = coco(tmp_path / "street.json", ["f_10.jpg", "f_2.jpg"], [box(10), box(9)])
    with pytest.warns(DataWarning, match="no video_id: one video, frames by file name"):
        (sequence,) = iterate(path, "annotations", OPTIONS)
    assert (sequence.name, sequence.length, sequence.frames.tolist()) == ("street", 2, [1, 2])
    assert find_format(path)[0].name == "coco"


def test_plain_coco_with_folders_is_a_video_each(tmp_path):
    path = coco(tmp_path / "all.json", ["a\\1.jpg", "b/1.jpg", "b/2.jpg"], [box(10), box(9), box(8)])
    with pytest.warns(DataWarning, match="a video for each folder of images"):
        found = {sequence.name: sequence.frames.tolist() for sequence in iterate(path, "annotations", OPTIONS)}
    assert found == {"a": [1], "b": [1, 2]}


@pytest.mark.parametrize("key", ["track_id", "instance_id"])
def test_identities_in_attributes_are_read(tmp_path, key):
    """CVAT's export: plain COCO with ``attributes.track_id``."""
    boxes = [box(10, attributes={key: 4, "occluded": False}), box(9, attributes={key: 0})]
    path = coco(tmp_path / "instances_default.json", ["frame_000000.PNG", "frame_000001.PNG"], boxes)
    with pytest.warns(DataWarning):
        (sequence,) = iterate(path, "annotations", OPTIONS)
    assert sequence.boxes["id"].tolist() == [4, 0]


def test_a_list_of_results_asks_for_its_images(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps([box(9, score=0.5)]))
    assert find_format(path)[0].name == "coco"
    (problem,) = check(path, options=OPTIONS).problems
    assert problem.endswith(
        "a list of results does not say which frame an image_id is; "
        "pass --image-list with the COCO file that lists the images"
    )
    missing = ReadingOptions(frame_rate=25.0, image_list=str(tmp_path / "none.json"))
    (problem,) = check(path, options=missing).problems
    assert problem.endswith("none.json: no such file; give the COCO file that lists the images")
    images = coco(tmp_path / "images.json", ["1.jpg", "2.jpg"], [])
    options = ReadingOptions(frame_rate=25.0, image_list=str(images))
    with pytest.warns(DataWarning, match="no video_id"):
        (sequence,) = iterate(path, "detections", options)
    assert sequence.boxes[["frame", "conf"]].to_numpy().tolist() == [[2, 0.5]]
