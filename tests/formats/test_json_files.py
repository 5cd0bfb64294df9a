"""Numbers and sizes in JSON files: what is not a whole number is said, not cut to one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gnntrack.datasets.check import check
from gnntrack.datasets.check_report import as_text
from gnntrack.errors import DataError
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.reading import read


def _coco(path: Path, **changes: Any) -> Path:
    image = {"id": 1, "video_id": 1, "frame_id": 1, "width": 1920, "height": 1080}
    box = {"id": 1, "image_id": 1, "bbox": [1, 2, 30, 40], "category_id": 1, "track_id": 1}
    category = {"id": changes.pop("category", 1), "name": "person"}
    document = {"videos": [{"id": 1, "name": "a"}], "images": [image | changes], "annotations": [box]}
    path.write_text(json.dumps(document | {"categories": [category]}))
    return path


@pytest.mark.parametrize("width", [float("nan"), 10**30, float("inf"), 1.5])
def test_a_width_that_is_no_whole_number_is_a_problem_of_a_coco_file(tmp_path: Path, width: float) -> None:
    report = check(_coco(tmp_path / "gt.json", width=width))
    assert "width is" in as_text(report) and "whole number" in as_text(report)


def test_a_width_of_zero_is_unknown_and_one_that_is_whole_is_taken(tmp_path: Path) -> None:
    for width in (0, 1920.0):
        assert "no problems" in as_text(check(_coco(tmp_path / "gt.json", width=width)))


@pytest.mark.parametrize("category", [1.5, 10**30])
def test_a_category_number_that_is_not_whole_is_a_problem(tmp_path: Path, category: float) -> None:
    assert "id is" in as_text(check(_coco(tmp_path / "gt.json", category=category)))


def test_an_empty_json_file_is_no_result_without_boxes(tmp_path: Path) -> None:
    (tmp_path / "gt.json").write_text("")
    with pytest.raises(DataError, match="cannot tell the format"):
        find_format(tmp_path / "gt.json")


@pytest.mark.parametrize("score", [None, "0.9", True])
def test_a_score_that_is_no_number_is_a_problem(tmp_path: Path, score: Any) -> None:
    file = _coco(tmp_path / "det.json")
    document = json.loads(file.read_text())
    document["annotations"][0]["score"] = score
    file.write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"det\.json: annotations\[0\]: score is .*; give a number"):
        read(file, "detections", ReadingOptions(frame_rate=30))
    if score is None:  # some tools write it for every annotation
        assert read(file, "annotations", ReadingOptions(frame_rate=30))[0].boxes["conf"].tolist() == [1]
